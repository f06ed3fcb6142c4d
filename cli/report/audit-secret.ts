import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { rotationFindings } from '../examine/rotation-findings.ts';
import type { PastRotation } from '../history/json-schema.ts';
import { DAY_MS, date, parseDuration, toDate } from '../terminal/time.ts';
import type { AuditSecret, Exception } from './json-schema.ts';

/**
 * Evaluates a secret and its past for the report. Calls neither AWS nor a cluster.
 *
 * @param strategy `undefined`: the configuration of the function could not be read
 * @param rotations in the period, oldest first
 * @param ownerTags the tags that name the owner
 * @param now milliseconds since the epoch
 */
export function auditSecret(
  secret: RotatingSecret,
  strategy: StrategyName | undefined,
  rotations: PastRotation[],
  ownerTags: readonly string[],
  now: number,
): AuditSecret {
  const inPeriod = successesIn(rotations);
  // AWS gives no date while rotation is off.
  const rotatedAt = secret.lastRotatedAt ?? inPeriod.at(-1);
  const storedAt = rotatedAt ?? secret.createdAt ?? now;
  const next = secret.rotationEnabled ? secret.nextRotationAt : undefined;
  const successes = [...inPeriod, ...(rotatedAt === undefined ? [] : [rotatedAt])].toSorted((a, b) => a - b);
  const owners = Object.fromEntries(ownerTags.map((key) => [key, secret.tags[key] ?? null]));
  return {
    secret: secret.name,
    arn: secret.arn,
    owners,
    policy: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      window: secret.window ?? null,
      nextRotationAt: toDate(secret.nextRotationAt),
      strategy: strategy ?? null,
    },
    createdAt: toDate(secret.createdAt),
    rotatedAt: toDate(rotatedAt),
    lastAccessedAt: toDate(secret.lastAccessedAt),
    ageMs: Math.max(0, now - storedAt),
    allowedAgeMs: next === undefined ? null : Math.max(0, next - storedAt),
    rotations,
    exceptions: exceptionsOf({ secret, owners, rotations, successes }, now),
  };
}

/** The ends of the rotations that succeeded, oldest first. */
function successesIn(rotations: readonly PastRotation[]): readonly number[] {
  return rotations.flatMap(({ kind, outcome, endedAt }) =>
    kind === 'rotation' && outcome === 'succeeded' && endedAt !== null ? [endedAt.getTime()] : [],
  );
}

interface SecretPast {
  readonly secret: RotatingSecret;
  readonly owners: AuditSecret['owners'];
  readonly rotations: readonly PastRotation[];
  /** When a rotation succeeded, oldest first. With AWS's date of the last rotation. */
  readonly successes: readonly number[];
}

/** Why an auditor asks about a secret. @param now milliseconds since the epoch */
function exceptionsOf(past: SecretPast, now: number): Exception[] {
  const { secret, owners, rotations, successes } = past;
  const exception = (code: string, reason: string) => ({ code, reason, at: null, failureCode: null });
  const hasOwner = Object.values(owners).some((owner) => owner !== null);
  return [
    ...rotationFindings({ secret }, now).map(({ code, message }) => exception(code, message)),
    ...(successes.length === 0 ? [exception('never-rotated', 'No rotation of this secret is known.')] : []),
    ...rotations.flatMap((rotation) => exceptionOfFailure(rotation, past, now)),
    ...(hasOwner ? [] : [exception('no-owner', 'No tag names an owner.')]),
  ];
}

/**
 * The exception of a failed rotation. Secrets Manager retries a rotation within the window of the
 * secret, so a success within this time makes up for the failure.
 */
function exceptionOfFailure(
  rotation: PastRotation,
  { secret, successes }: SecretPast,
  now: number,
): readonly Exception[] {
  const { kind, failures, startedAt, endedAt } = rotation;
  const isOver = isFailed(rotation);
  const at = failures[0]?.at ?? (isOver ? (endedAt ?? startedAt) : null);
  if (kind !== 'rotation' || at === null) {
    return [];
  }
  const retriedUntil = at.getTime() + (parseDuration(secret.window ?? '') ?? DAY_MS);
  const success = successes.find((time) => time >= at.getTime());
  if (success === undefined ? !isOver && now <= retriedUntil : success <= retriedUntil) {
    return [];
  }
  const failure = failures.at(-1);
  const what = failure === undefined ? 'failed or was abandoned' : `failed: ${failure.code} in ${failure.step}`;
  const then = success === undefined ? 'No rotation succeeded since' : `The next success was on ${date(success)}`;
  const reason = `The rotation of ${date(at)} ${what}. ${then}.`;
  return [{ code: 'failed', reason, at, failureCode: failure?.code ?? null }];
}

export function isFailed({ outcome }: PastRotation): boolean {
  return outcome === 'failed' || outcome === 'abandoned';
}
