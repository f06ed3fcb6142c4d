import { counted, paragraph, shortNames } from '../../terminal/text.ts';
import { formatDuration } from '../../terminal/time.ts';
import type { RecordOf } from './journal.ts';
import type { LeftOut, PlacePlan, Plan } from './plan.ts';

/** More names are in the document of `--json`. */
const NAMES_SHOWN = 10;

export function countOf({ places }: Plan): number {
  return places.reduce((sum, { secrets }) => sum + secrets.length, 0);
}

/** What the command is going to do, how long it takes at least, and what it leaves out. */
export function planText(plan: Plan, journalPath: string, openRun?: RecordOf<'run'>): string {
  const count = countOf(plan);
  const nameOf = shortNames([...plan.leftOut, ...plan.unselected].map(({ secretId }) => secretId));
  const continued = plan.places.flatMap(({ secrets }) => secrets).filter(({ recorded }) => recorded !== undefined);
  return paragraph(`plan: rotate ${counted(count, 'secret')}`, [
    ...plan.places.map((place) => ['rotate', placeText(place)] as const),
    continued.length === 0
      ? undefined
      : ['continue', `${counted(continued.length, 'secret')} of them may rotate already`],
    ...leftOutText(plan.leftOut, nameOf),
    ...plan.unselected.map(({ secretId, reason }) => ['not chosen', `${nameOf(secretId)}: ${reason}`] as const),
    plan.ofOtherProducts === 0
      ? undefined
      : ['not chosen', `${plan.ofOtherProducts} that a function of another product rotates`],
    count === 0 ? undefined : ['journal', journalPath],
    openRun && [
      'note',
      `The earlier run did not end. Make sure that process ${openRun.pid} on ${openRun.host} does not run any more`,
    ],
  ]);
}

function placeText({ place, secrets, startsPerSecond, atLeastMs }: PlacePlan): string {
  const names = namesText(secrets.map(({ secret }) => secret.name));
  return `${counted(secrets.length, 'secret')} in ${place}, at ${startsPerSecond.toFixed(1)} starts a second, so the last one starts after about ${formatDuration(Math.ceil(atLeastMs / 1000) * 1000)}: ${names}`;
}

/** One line for each reason. */
function leftOutText(
  leftOut: readonly LeftOut[],
  nameOf: (secretId: string) => string,
): readonly (readonly [string, string])[] {
  return [...Map.groupBy(leftOut, ({ code }) => code)].flatMap(([code, entries]) => [
    [
      'left out',
      `${counted(entries.length, 'secret')} (${code}): ${namesText(entries.map(({ secretId }) => nameOf(secretId)))}`,
    ],
    ['', `${entries[0]?.message ?? ''} ${entries[0]?.advice ?? ''}`],
  ]);
}

/** The first names, and how many more there are. */
export function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length <= NAMES_SHOWN ? shown : `${shown} and ${names.length - NAMES_SHOWN} more`;
}

/** The key `plan` of the document of `--json`. docs/cli.md describes it. */
export function planJson({ places, leftOut, unselected, ofOtherProducts }: Plan): Record<string, unknown> {
  return {
    places: places.map(({ place, secrets, startsPerSecond, atLeastMs }) => ({
      place,
      startsPerSecond,
      atLeastMs: Math.round(atLeastMs),
      secrets: secrets.map(({ secret, recorded }) => ({ arn: secret.arn, continued: recorded !== undefined })),
    })),
    leftOut,
    unselected,
    ofOtherProducts,
  };
}
