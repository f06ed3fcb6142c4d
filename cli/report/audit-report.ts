import type { Period, RotatingSecret } from '../aws/aws.ts';
import type { PastRotation } from '../history/past-rotation.ts';
import type { History, SourceNote } from '../history/read-history.ts';
import { type Exception, exceptionsOf } from './exceptions.ts';

/** What every format of the report contains. */
export interface AuditReport {
  /** The version of this command. */
  readonly version: string;
  readonly generatedAt: number;
  readonly period: Period;
  /** The tags that name the owner of a secret. */
  readonly ownerTags: readonly string[];
  readonly secrets: readonly AuditSecret[];
  /**
   * Secrets that were selected and could not be read, or that were left out of the selection, and
   * places that could not be searched.
   */
  readonly unreadable: readonly { readonly secretId: string; readonly reason: string }[];
  readonly notes: readonly SourceNote[];
}

export interface AuditSecret {
  readonly secret: RotatingSecret;
  /** As the function is configured. `undefined`: its configuration could not be read. */
  readonly strategy: string | undefined;
  /** Values of the owner tags, in their order. `undefined`: no such tag. */
  readonly owners: readonly (string | undefined)[];
  /** In the period, oldest first. */
  readonly rotations: readonly PastRotation[];
  /**
   * When the last rotation ended. From the past rotations if AWS gives no date, as while rotation
   * is off.
   */
  readonly rotatedAt: number | undefined;
  /** Milliseconds since the last rotation, or since the creation. */
  readonly ageMs: number;
  /**
   * Milliseconds after the last rotation at which the secret counts as overdue. `undefined` if
   * rotation is off.
   */
  readonly allowedAgeMs: number | undefined;
  readonly exceptions: readonly Exception[];
}

interface AuditInput extends Omit<AuditReport, 'secrets' | 'notes'> {
  readonly secrets: readonly RotatingSecret[];
  /** By the ARN of the secret. */
  readonly strategies: ReadonlyMap<string, string>;
  readonly past: History;
}

/** Evaluates the secrets and their past for the report. Calls neither AWS nor a cluster. */
export function createAudit({ secrets, strategies, past, ...report }: AuditInput): AuditReport {
  const { ownerTags, generatedAt } = report;
  const toAudit = (secret: RotatingSecret): AuditSecret => {
    const rotations = past.rotations.get(secret.arn) ?? [];
    const rotatedAt = secret.lastRotatedAt ?? successesIn(rotations).at(-1);
    const storedAt = rotatedAt ?? secret.createdAt ?? generatedAt;
    const next = secret.rotationEnabled ? secret.nextRotationAt : undefined;
    const successes = [...successesIn(rotations), ...(rotatedAt === undefined ? [] : [rotatedAt])];
    const owners = ownerTags.map((key) => secret.tags[key]);
    return {
      secret,
      strategy: strategies.get(secret.arn),
      owners,
      rotations,
      rotatedAt,
      ageMs: Math.max(0, generatedAt - storedAt),
      allowedAgeMs: next === undefined ? undefined : Math.max(0, next - storedAt),
      exceptions: exceptionsOf(
        { secret, owners, rotations, successes: successes.toSorted((a, b) => a - b) },
        generatedAt,
      ),
    };
  };
  return {
    ...report,
    secrets: secrets.map(toAudit).toSorted((a, b) => (a.secret.name < b.secret.name ? -1 : 1)),
    notes: past.notes,
  };
}

/** The ends of the rotations that succeeded, oldest first. */
function successesIn(rotations: readonly PastRotation[]): readonly number[] {
  return rotations.flatMap(({ kind, outcome, endedAt }) =>
    kind === 'rotation' && outcome?.value === 'succeeded' && endedAt !== undefined ? [endedAt.value] : [],
  );
}
