import type { Period, RotatingSecret } from '../../aws/aws.ts';
import type { Past } from '../../past/read-past.ts';
import type { AuditReport, AuditSecret, Parameters } from './audit-report.ts';
import { CONTROLS } from './controls.ts';
import { examine } from './examined-secret.ts';
import { exceptionsOf } from './exceptions.ts';

export interface AuditInput {
  readonly version: string;
  readonly now: number;
  readonly period: Period;
  readonly parameters: Parameters;
  readonly secrets: readonly RotatingSecret[];
  readonly past: Past;
  readonly unreadable: AuditReport['unreadable'];
}

/** Evaluates the secrets and their past for the report. Calls neither AWS nor a cluster. */
export function createAudit({ version, now, period, parameters, secrets, past, unreadable }: AuditInput): AuditReport {
  const toAudit = (secret: RotatingSecret): AuditSecret => {
    const rotations = past.rotations.get(secret.arn) ?? [];
    const examined = examine(secret, rotations, period, now);
    const owners = parameters.ownerTags.map((key) => secret.tags[key]);
    return {
      secret,
      owners,
      rotatedAt: examined.rotatedAt,
      ageMs: examined.ageMs,
      allowedAgeMs: examined.allowedAgeMs,
      rotations,
      exceptions: exceptionsOf(examined, owners),
      controls: CONTROLS.map(({ evaluate }) => evaluate(examined, parameters)),
    };
  };
  return {
    version,
    generatedAt: now,
    period,
    parameters,
    controls: CONTROLS.map(({ describe }) => describe(parameters)),
    secrets: secrets.map(toAudit).toSorted((a, b) => (a.secret.name < b.secret.name ? -1 : 1)),
    unreadable,
    notes: past.notes,
  };
}
