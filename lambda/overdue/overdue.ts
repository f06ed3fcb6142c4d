import { isOffOnPurpose, neverStarts, OFF_ON_PURPOSE } from '../../protocol/secret/rotated-secrets.ts';
import type { ListedSecret } from './listed-secret.ts';

export interface OverdueRules {
  readonly now: Date;
  /**
   * The greatest age that your policy allows for a password. `undefined`: only the schedules
   * count.
   */
  readonly maxAgeDays: number | undefined;
}

export interface Overdue {
  readonly name: string;
  readonly why: 'date-passed' | 'rotation-off' | 'no-schedule' | 'too-old' | 'age-unknown' | 'not-rotated-by-function';
  readonly sentence: string;
}

/**
 * @param text the environment variable MAX_AGE_DAYS.
 * @throws Error if it is no number, because the check would then compare no age.
 */
export function readMaxAgeDays(text: string | undefined): number | undefined {
  const days = text ? Number(text) : undefined;
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 1000)) {
    throw new RangeError(`MAX_AGE_DAYS is ${JSON.stringify(text)}. Expected a whole number from 1 to 1000.`);
  }
  return days;
}

const HOUR = 3_600_000;

/**
 * How late a rotation may be, and how late the schedule of a new secret. Secrets Manager retries a
 * failed rotation within its window.
 */
const GRACE = 2 * HOUR;

export function isWithinGrace(date: Date, { now }: OverdueRules): boolean {
  return date.getTime() + GRACE >= now.getTime();
}

/**
 * The rotations that did not happen. A rotation that never starts raises no error and no event:
 * rotation was turned off and forgotten, or the function was never called. This check finds it.
 */
export function overdueAmong(secrets: readonly ListedSecret[], rules: OverdueRules): Overdue[] {
  return secrets.flatMap((secret) => {
    // A tag that somebody forgot must not hide a rotation that is on and does not happen.
    const isIntended = !secret.rotationEnabled && isOffOnPurpose(secret);
    const verdict = isIntended ? undefined : judge(secret, rules);
    return verdict ? [{ name: secret.name, ...verdict }] : [];
  });
}

function judge(secret: ListedSecret, rules: OverdueRules): Omit<Overdue, 'name'> | undefined {
  const { now, maxAgeDays } = rules;
  if (!secret.rotationEnabled) {
    return {
      why: 'rotation-off',
      sentence: `Rotation of ${secret.name} is off. Turn it on again (aws secretsmanager rotate-secret), or tag the secret ${OFF_ON_PURPOSE.key}=${OFF_ON_PURPOSE.value} if it is off on purpose.`,
    };
  }
  if (neverStarts(secret)) {
    return {
      why: 'no-schedule',
      sentence: `Rotation of ${secret.name} is on without a schedule, so it never starts. Set a schedule (aws secretsmanager rotate-secret --rotation-rules).`,
    };
  }
  // ASSUMPTION sm-next-date
  if (secret.nextRotation && !isWithinGrace(secret.nextRotation, rules)) {
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
      sentence: `${secret.name} ${since} ${Math.floor(ageDays)} days ago, and its credential may be ${maxAgeDays} days old. Rotate it (aws secretsmanager rotate-secret), even if its value was changed by hand since.`,
    };
  }
  if (secret.previousStored instanceof Error) {
    const { name, message } = secret.previousStored;
    return {
      why: 'age-unknown',
      sentence: `The age of the credential of ${secret.name} before the current one is not known, because its versions were not listed (secretsmanager:ListSecretVersionIds). ${name}: ${message}`,
    };
  }
  const previousDays = (now.getTime() - (secret.previousStored ?? now).getTime()) / (24 * HOUR);
  if (maxAgeDays !== undefined && previousDays > maxAgeDays) {
    return {
      why: 'too-old',
      sentence: `The credential of ${secret.name} before the current one is ${Math.floor(previousDays)} days old, the cluster still accepts it, and a credential may be ${maxAgeDays} days old. Rotate the secret, and let it rotate at least every ${Math.floor(maxAgeDays / 2)} days.`,
    };
  }
  return undefined;
}
