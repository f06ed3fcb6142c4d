import { counted } from '../terminal/text.ts';
import { DAY_MS } from '../terminal/time.ts';
import { type ExaminedSecret, lastRotationFailed, longestGap, scheduledDays } from './examined-secret.ts';

/** What the controls are evaluated with. */
export interface Parameters {
  readonly ownerTags: readonly string[];
  /** Days. `undefined`: any schedule passes. */
  readonly maxRotationFrequency?: number | undefined;
  readonly unusedForDays: number;
  readonly maxDaysSinceRotation: number;
  /** `undefined`: any tag passes. */
  readonly requiredTags?: readonly string[] | undefined;
}

/** A control, for all secrets. */
export interface Control {
  readonly id: string;
  readonly title: string;
  /** The rule of AWS Config, or the sentence that this report evaluates. */
  readonly rule: string;
  readonly parameter: string;
  /** What a result does not prove. */
  readonly limit: string;
}

export interface ControlResult {
  readonly result: 'passed' | 'failed' | 'not-evaluated';
  /** Why a secret fails, or why it is not evaluated. Empty if it passes. */
  readonly reason: string;
}

interface EvaluatedControl extends Omit<Control, 'parameter'> {
  readonly parameter: (parameters: Parameters) => string;
  readonly evaluate: (secret: ExaminedSecret, parameters: Parameters) => ControlResult;
}

const PASSED: ControlResult = { result: 'passed', reason: '' };

function failed(reason: string): ControlResult {
  return { result: 'failed', reason };
}

function days(milliseconds: number): string {
  return counted(Math.floor(milliseconds / DAY_MS), 'day');
}

/** The longest use of a password that PCI DSS 8.3.9 allows. */
const PCI_MAX_DAYS = 90;

/** In the order of the report. */
export const CONTROLS: readonly EvaluatedControl[] = [
  {
    id: 'SecretsManager.1',
    title: 'Automatic rotation is on',
    rule: 'secretsmanager-rotation-enabled-check',
    parameter: ({ maxRotationFrequency }) =>
      `maximumAllowedRotationFrequency: ${maxRotationFrequency === undefined ? 'not set' : `${maxRotationFrequency} days`}`,
    limit: 'A schedule does not prove that a rotation happened.',
    evaluate: (examined, { maxRotationFrequency }) => {
      if (!examined.secret.rotationEnabled) {
        return failed('Rotation is off.');
      }
      const scheduled = scheduledDays(examined);
      if (maxRotationFrequency === undefined || (scheduled !== undefined && scheduled <= maxRotationFrequency)) {
        return PASSED;
      }
      return scheduled === undefined
        ? { result: 'not-evaluated', reason: 'The time between rotations is not known from the schedule.' }
        : failed(`The schedule rotates every ${Math.round(scheduled)} days.`);
    },
  },
  {
    id: 'SecretsManager.2',
    title: 'Scheduled rotations succeed',
    rule: 'secretsmanager-scheduled-rotation-success-check',
    parameter: () => 'none',
    limit: 'AWS Config may show the same result up to two days later.',
    evaluate: (examined) => {
      if (!examined.secret.rotationEnabled) {
        return { result: 'not-evaluated', reason: 'Rotation is off.' };
      }
      return missed(examined) ?? PASSED;
    },
  },
  {
    id: 'SecretsManager.3',
    title: 'The secret is in use',
    rule: 'secretsmanager-secret-unused',
    parameter: ({ unusedForDays }) => `unusedForDays: ${unusedForDays}`,
    limit: 'The rotation function reads the secret too, so a rotated secret never counts as unused.',
    evaluate: ({ secret, now }, { unusedForDays }) => {
      const usedAt = secret.lastAccessedAt ?? secret.createdAt;
      if (usedAt === undefined) {
        return { result: 'not-evaluated', reason: 'AWS gave no date of the last read.' };
      }
      return now - usedAt > unusedForDays * DAY_MS
        ? failed(`Nobody read the secret for ${days(now - usedAt)}.`)
        : PASSED;
    },
  },
  {
    id: 'SecretsManager.4',
    title: 'The last rotation is recent',
    rule: 'secretsmanager-secret-periodic-rotation',
    parameter: ({ maxDaysSinceRotation }) => `maxDaysSinceRotation: ${maxDaysSinceRotation}`,
    limit: 'Evaluated at the time of the report, from the last rotation or the creation of the secret.',
    evaluate: ({ ageMs }, { maxDaysSinceRotation }) =>
      ageMs > maxDaysSinceRotation * DAY_MS ? failed(`The password is ${days(ageMs)} old.`) : PASSED,
  },
  {
    id: 'SecretsManager.5',
    title: 'The secret has tags',
    rule: 'tagged-secretsmanager-secret',
    parameter: ({ requiredTags }) => `requiredTagKeys: ${requiredTags?.join(', ') ?? 'not set'}`,
    limit: 'A tag does not prove that its value is right.',
    evaluate: ({ secret: { tags } }, { requiredTags }) => {
      const own = Object.keys(tags).filter((key) => !key.startsWith('aws:'));
      const absent = (requiredTags ?? []).filter((key) => !own.includes(key));
      return own.length === 0 || absent.length > 0
        ? failed(absent.length > 0 ? `The secret has no tag ${absent.join(', ')}.` : 'The secret has no tag.')
        : PASSED;
    },
  },
  {
    id: 'PCI DSS 8.3.9',
    title: `Passwords change at least every ${PCI_MAX_DAYS} days`,
    rule:
      'No password was in use for longer than the parameter: ' +
      'between two known successes, from the start of the period to the first known success, or since ' +
      'the last rotation or the creation.',
    parameter: ({ maxDaysSinceRotation }) =>
      maxDaysSinceRotation <= PCI_MAX_DAYS
        ? `${maxDaysSinceRotation} days`
        : `${PCI_MAX_DAYS} days, because the requirement allows no more. maxDaysSinceRotation: ${maxDaysSinceRotation}`,
    limit: 'Covers the time that the sources show. The requirement is about passwords as the only factor.',
    evaluate: (examined, { maxDaysSinceRotation }) => {
      const gap = longestGap(examined);
      return gap > pciDays(maxDaysSinceRotation) * DAY_MS ? failed(`A password was in use for ${days(gap)}.`) : PASSED;
    },
  },
  {
    id: 'PCI DSS 8.6.3',
    title: 'Passwords of applications change as the risk analysis says',
    rule: 'Rotation is on, no rotation is overdue, and the last rotation of the period did not fail.',
    parameter: () => 'the schedule of each secret',
    limit:
      'The report proves the frequency. Your risk analysis must justify the schedule. ' +
      'Rotations that a person started show the reaction to a suspicion. ' +
      'The password policy of the function shows the complexity.',
    evaluate: (examined) => {
      if (!examined.secret.rotationEnabled) {
        return failed('Rotation is off.');
      }
      return missed(examined) ?? PASSED;
    },
  },
];

function pciDays(maxDaysSinceRotation: number): number {
  return Math.min(PCI_MAX_DAYS, maxDaysSinceRotation);
}

function missed(examined: ExaminedSecret): ControlResult | undefined {
  if (lastRotationFailed(examined)) {
    return failed('The last rotation failed.');
  }
  return examined.isOverdue ? failed('A scheduled rotation did not happen.') : undefined;
}
