import type { RotatingSecret } from '../../aws/aws.ts';
import type { Past } from '../../past/read-past.ts';
import type { AuditReport, AuditSecret } from './audit-report.ts';
import { CONTROLS } from './controls.ts';
import { examine } from './examined-secret.ts';
import { exceptionsOf } from './exceptions.ts';

export interface AuditInput extends Omit<AuditReport, 'controls' | 'secrets' | 'notes'> {
  readonly secrets: readonly RotatingSecret[];
  readonly past: Past;
}

/** Evaluates the secrets and their past for the report. Calls neither AWS nor a cluster. */
export function createAudit({ secrets, past, ...report }: AuditInput): AuditReport {
  const { parameters, period, generatedAt } = report;
  const toAudit = (secret: RotatingSecret): AuditSecret => {
    const rotations = past.rotations.get(secret.arn) ?? [];
    const examined = examine(secret, rotations, period, generatedAt);
    const owners = parameters.ownerTags.map((key) => secret.tags[key]);
    return {
      ...examined,
      owners,
      exceptions: exceptionsOf(examined, owners),
      controls: CONTROLS.map(({ evaluate }) => evaluate(examined, parameters)),
    };
  };
  return {
    ...report,
    controls: CONTROLS.map(({ describe }) => describe(parameters)),
    secrets: secrets.map(toAudit).toSorted((a, b) => (a.secret.name < b.secret.name ? -1 : 1)),
    notes: past.notes,
  };
}
