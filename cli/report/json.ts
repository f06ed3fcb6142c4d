import { rotationJson } from '../history/past-rotation.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { iso } from '../terminal/time.ts';
import { type AuditReport, type AuditSecret, countResults } from './audit-report.ts';

/** The document of `--format json`. docs/cli.md describes it. */
export function reportJson(audit: AuditReport, code: ExitCode): Record<string, unknown> {
  const { version, generatedAt, period, parameters, controls, secrets, unreadable, notes } = audit;
  return {
    command: 'report',
    exitCode: code,
    version,
    generatedAt: iso(generatedAt),
    since: iso(period.since),
    until: iso(period.until),
    parameters: {
      ...parameters,
      maxRotationFrequency: parameters.maxRotationFrequency ?? null,
      requiredTags: parameters.requiredTags ?? null,
    },
    controls: controls.map((control, index) => ({ ...control, ...countResults(audit, index) })),
    secrets: secrets.map((secret) => secretJson(secret, audit)),
    unreadable,
    notes,
  };
}

function secretJson(
  { secret, owners, rotatedAt, ageMs, allowedAgeMs, rotations, exceptions, controls }: AuditSecret,
  { parameters, controls: described }: AuditReport,
): Record<string, unknown> {
  return {
    secret: secret.name,
    arn: secret.arn,
    owners: Object.fromEntries(parameters.ownerTags.map((key, index) => [key, owners[index] ?? null])),
    policy: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      window: secret.window ?? null,
      nextRotationAt: iso(secret.nextRotationAt),
    },
    createdAt: iso(secret.createdAt),
    rotatedAt: iso(rotatedAt),
    lastAccessedAt: iso(secret.lastAccessedAt),
    ageMs,
    allowedAgeMs: allowedAgeMs ?? null,
    rotations: rotations.map(rotationJson),
    exceptions: exceptions.map(({ code, reason, at, failureCode }) => ({
      ...{ code, reason },
      at: iso(at),
      failureCode: failureCode ?? null,
    })),
    controls: Object.fromEntries(described.map(({ id }, index) => [id, controls[index]])),
  };
}
