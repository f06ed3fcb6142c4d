import type { LocatedSecret, RotatingSecret } from '../aws/aws.ts';
import { readStrategy } from '../examine/read-strategy.ts';
import type { PastRotation } from '../history/json-schema.ts';
import { toDate } from '../terminal/time.ts';
import { exceptionsOf } from './exceptions.ts';
import type { AuditSecret } from './json-schema.ts';

/** `undefined`: the configuration of the function could not be read. */
export type Strategy = NonNullable<AuditSecret['policy']['strategy']> | undefined;

export async function readConfiguredStrategy({ secret, aws }: LocatedSecret): Promise<Strategy> {
  const { name, source } = await readStrategy(secret, undefined, aws);
  return source === 'function' ? name : undefined;
}

/**
 * Evaluates a secret and its past for the report. Calls neither AWS nor a cluster.
 *
 * @param rotations in the period, oldest first
 * @param ownerTags the tags that name the owner
 * @param now milliseconds since the epoch
 */
export function auditSecret(
  secret: RotatingSecret,
  strategy: Strategy,
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
