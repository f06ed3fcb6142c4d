import { rotationJson } from '../history/past-rotation.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { iso } from '../terminal/time.ts';
import type { AuditReport, AuditSecret } from './audit-report.ts';
import { csv } from './csv.ts';

/** The document of `--format json`. docs/cli.md describes it. */
export function reportJson(audit: AuditReport, code: ExitCode): Record<string, unknown> {
  const { version, generatedAt, period, ownerTags, secrets, unreadable, notes } = audit;
  return {
    command: 'report',
    exitCode: code,
    version,
    generatedAt: iso(generatedAt),
    since: iso(period.since),
    until: iso(period.until),
    ownerTags,
    secrets: secrets.map((secret) => secretJson(secret, ownerTags)),
    unreadable,
    notes,
  };
}

/** The secrets of the document, a row for each. Secrets that could not be read have a row too. */
export function secretsCsv({ secrets, ownerTags, unreadable }: AuditReport): string {
  return csv([
    ...secrets.map((secret) => ({ ...secretJson(secret, ownerTags), rotations: secret.rotations.length })),
    ...unreadable.map(({ secretId, reason }) => ({ secret: secretId, exceptions: `not-readable: ${reason}` })),
  ]);
}

/** The rotations of the document, a row for each. */
export function rotationsCsv({ secrets }: AuditReport): string {
  const rows = secrets.map(({ secret: { name, arn }, rotations }) =>
    rotations.map((rotation) => ({ secret: name, arn, ...rotationJson(rotation) })),
  );
  return csv(rows.flat());
}

function secretJson(
  { secret, strategy, owners, rotatedAt, ageMs, allowedAgeMs, rotations, exceptions }: AuditSecret,
  ownerTags: readonly string[],
): Record<string, unknown> {
  return {
    secret: secret.name,
    arn: secret.arn,
    owners: Object.fromEntries(ownerTags.map((key, index) => [key, owners[index] ?? null])),
    policy: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      window: secret.window ?? null,
      nextRotationAt: iso(secret.nextRotationAt),
      strategy: strategy ?? null,
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
  };
}
