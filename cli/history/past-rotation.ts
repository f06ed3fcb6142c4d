import type { LoggedKey } from '../../telemetry/log-line.ts';
import { iso } from '../terminal/time.ts';

/**
 * Where a piece of information comes from: the log of the function, the dates of the versions
 * (ListSecretVersionIds), CloudTrail, or the labels of the secret (DescribeSecret).
 */
export type Source = 'log' | 'versions' | 'cloudtrail' | 'labels';

/** A value, and where it comes from. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
}

export function withSource<T>(source: Source, value: T | undefined): Sourced<T> | undefined {
  return value === undefined ? undefined : { value, source };
}

/** `abandoned`: somebody changed the secret during the rotation. */
export type PastOutcome = 'succeeded' | 'failed' | 'abandoned' | 'running';

interface StepFailure {
  readonly at: number;
  readonly step: string;
  readonly code: string;
  readonly message: string;
}

/** What the sources tell about one rotation. `undefined`: no source tells it. */
export interface PastRotation {
  /**
   * `test`: Secrets Manager ran only testSecret, after a change of the schedule. `version`: only
   * the date of a version is known, so a rotation or a person stored it.
   */
  readonly kind: 'rotation' | 'test' | 'version';
  readonly versionId?: string | undefined;
  /** Milliseconds since the epoch, as all times. */
  readonly startedAt?: Sourced<number> | undefined;
  readonly endedAt?: Sourced<number> | undefined;
  /** `schedule`, or who called RotateSecret: an ARN, or the account id of a root user. */
  readonly trigger?: Sourced<string> | undefined;
  readonly outcome?: Sourced<PastOutcome> | undefined;
  /** From the log, oldest first. A rotation that succeeds later may have some. */
  readonly failures: readonly StepFailure[];
  /** From the log. The id of the API key that the last attempt created. */
  readonly createdKey?: string | undefined;
  /** From the log. API keys that the rotation deleted, and why. */
  readonly deletedKeys?: readonly LoggedKey[];
}

/** The time by which a rotation is sorted. */
export function timeOf({ startedAt, endedAt }: Pick<PastRotation, 'startedAt' | 'endedAt'>): number {
  return startedAt?.value ?? endedAt?.value ?? 0;
}

export function durationOf({ startedAt, endedAt }: PastRotation): number | undefined {
  return startedAt === undefined || endedAt === undefined ? undefined : endedAt.value - startedAt.value;
}

/** A rotation in the documents of `history` and `report`. `json-schema.ts` describes it. */
export function rotationJson(rotation: PastRotation): Record<string, unknown> {
  const { kind, versionId, outcome, startedAt, endedAt, trigger, failures, createdKey, deletedKeys = [] } = rotation;
  return {
    kind,
    versionId: versionId ?? null,
    outcome: outcome?.value ?? null,
    startedAt: iso(startedAt?.value),
    endedAt: iso(endedAt?.value),
    durationMs: durationOf(rotation) ?? null,
    trigger: trigger?.value ?? null,
    failures: failures.map((failure) => ({ ...failure, at: iso(failure.at) })),
    createdKey: createdKey ?? null,
    deletedKeys: deletedKeys.map(({ id, why }) => ({ apiKeyId: id, why: why ?? null })),
    sources: {
      outcome: outcome?.source ?? null,
      startedAt: startedAt?.source ?? null,
      endedAt: endedAt?.source ?? null,
      trigger: trigger?.source ?? null,
    },
  };
}
