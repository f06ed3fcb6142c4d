import type { RotatedSecret } from './rotated-secret.ts';

export interface OverdueRules {
  readonly now: Date;
  /** How far behind its date a rotation may be: one that fails is tried again within its window. */
  readonly graceHours: number;
  /** Oldest password that the policy of the house allows. */
  readonly maxAgeDays: number | undefined;
}

export interface Overdue {
  readonly name: string;
  readonly why: 'date-passed' | 'rotation-off' | 'too-old';
  readonly sentence: string;
}

const HOUR = 3_600_000;

/** Whoever takes a secret out of rotation on purpose says so with this tag, and is not reminded. */
const OFF_ON_PURPOSE = { key: 'zilliz:rotation', value: 'off' } as const;

/**
 * The rotations that did not happen. The worst failure is the one that never starts, for it fails nowhere: rotation was turned off by
 * hand and forgotten, or its function was never called.
 */
export function overdueAmong(secrets: readonly RotatedSecret[], rules: OverdueRules): Overdue[] {
  return secrets.flatMap((secret) => {
    const verdict = secret.tags[OFF_ON_PURPOSE.key] === OFF_ON_PURPOSE.value ? undefined : judge(secret, rules);
    return verdict ? [{ name: secret.name, ...verdict }] : [];
  });
}

function judge(secret: RotatedSecret, rules: OverdueRules): Omit<Overdue, 'name'> | undefined {
  const { now, graceHours, maxAgeDays } = rules;
  if (!secret.rotationEnabled) {
    return {
      why: 'rotation-off',
      sentence: `Rotation of ${secret.name} is off. Turn it on again (aws secretsmanager rotate-secret), or tag the secret ${OFF_ON_PURPOSE.key}=${OFF_ON_PURPOSE.value} if that is meant.`,
    };
  }
  if (secret.nextRotation && secret.nextRotation.getTime() + graceHours * HOUR < now.getTime()) {
    return {
      why: 'date-passed',
      sentence: `${secret.name} was to be rotated by ${secret.nextRotation.toISOString()} and was not.`,
    };
  }
  const ageDays = (now.getTime() - (secret.lastRotated ?? secret.created).getTime()) / (24 * HOUR);
  if (maxAgeDays !== undefined && ageDays > maxAgeDays) {
    const since = secret.lastRotated ? 'was last rotated' : 'was never rotated, and was created';
    return {
      why: 'too-old',
      sentence: `${secret.name} ${since} ${Math.floor(ageDays)} days ago, and its password may be ${maxAgeDays} days old. Rotate it (aws secretsmanager rotate-secret), even if its value was changed by hand since.`,
    };
  }
  return undefined;
}
