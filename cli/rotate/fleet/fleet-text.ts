import { unfinishedVersion } from '../../../protocol/secret/versions.ts';
import { truncatedList } from '../../outcome/failure.ts';
import { counted, paragraph, shortNames } from '../../terminal/text.ts';
import { formatDuration } from '../../terminal/time.ts';
import { headlineOf, totalText } from '../render.ts';
import { isComplete, type RotateReport } from '../report.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import type { LeftOutSecret, PlacePlan, Plan, PlannedSecret } from './plan.ts';

export function countOf({ places }: Plan): number {
  return places.reduce((sum, { secrets }) => sum + secrets.length, 0);
}

/**
 * What the command is going to do, how long it takes at least, and what it leaves out.
 *
 * @param again the command line that continues after an interruption
 */
export function planText(plan: Plan, again: string, { bothUsers = false }: RotateCommandOptions): string {
  const count = countOf(plan);
  const { leftOut, unselected, unsearched, ofOtherProducts, rotatedSince } = plan;
  const nameOf = shortNames([...leftOut, ...unselected].map(({ secretId }) => secretId));
  const secrets = plan.places.flatMap((place) => place.secrets);
  const running = secrets.filter(({ secret }) => unfinishedVersion(secret) !== undefined);
  const counts = [
    [rotatedSince, 'that have rotated since --older-than'],
    [ofOtherProducts, 'that a function of another product rotates'],
  ] as const;
  return paragraph(`plan: rotate ${counted(count, 'secret')}`, [
    ...plan.places.map((place) => ['rotate', placeText(place)] as const),
    running.length === 0
      ? undefined
      : ['follow', `${counted(running.length, 'secret')} of them, whose rotation has begun and not ended`],
    alternatingText(secrets, bothUsers),
    ...leftOutText(leftOut, nameOf),
    ...unsearched.map(
      ({ place, code, message, advice }) => ['unsearched', `${place} (${code}): ${message} ${advice}`] as const,
    ),
    ...unselected.map(({ secretId, reason }) => ['not chosen', `${nameOf(secretId)}: ${reason}`] as const),
    ...counts.flatMap(([number, which]) => (number === 0 ? [] : [['not chosen', `${number} ${which}`] as const])),
    count === 0 ? undefined : ['again', `After an interruption, continue with \`${again}\``],
  ]);
}

function placeText({ place, secrets, startsPerSecond, atLeastMs }: PlacePlan): string {
  const names = secrets.map(({ secret }) => secret.name);
  const duration = formatDuration(Math.ceil(atLeastMs / 1000) * 1000);
  return (
    `${counted(secrets.length, 'secret')} in ${place}, at ${startsPerSecond.toFixed(1)} starts a ` +
    `second, so the last one starts after about ${duration}: ${truncatedList(names, ', ')}`
  );
}

/** What happens to the secrets whose two users take turns. `undefined` if there are none. */
function alternatingText(secrets: readonly PlannedSecret[], bothUsers: boolean): readonly [string, string] | undefined {
  const names = secrets.filter(({ users }) => users !== undefined).map(({ secret }) => secret.name);
  const list = `${counted(names.length, 'secret')} whose two users take turns. ${
    bothUsers
      ? 'Both get a new password, one right after the other, without the minimum gap. The cluster refuses applications that keep an earlier credential in memory'
      : 'Only the user whose turn it is gets a new password, and the other credential still logs in. After a leak, give --both-users'
  }: ${truncatedList(names, ', ')}`;
  return names.length === 0 ? undefined : [bothUsers ? 'both users' : 'one user', list];
}

/** One line for each reason. */
function leftOutText(
  leftOut: readonly LeftOutSecret[],
  nameOf: (secretId: string) => string,
): readonly (readonly [string, string])[] {
  return [...Map.groupBy(leftOut, ({ code }) => code)].flatMap(([code, entries]) => {
    const names = entries.map(({ secretId }) => nameOf(secretId));
    const [first] = entries;
    return [
      ['left out', `${counted(entries.length, 'secret')} (${code}): ${truncatedList(names, ', ')}`],
      ['', `${first?.message ?? ''} ${first?.advice ?? ''}`],
    ] as const;
  });
}

/** The key `plan` of the document of `--json`. `json-schema.ts` describes it. */
export function planJson({ places, ...others }: Plan): Record<string, unknown> {
  return {
    places: places.map(({ place, secrets, startsPerSecond, atLeastMs }) => ({
      place,
      startsPerSecond,
      atLeastMs: Math.round(atLeastMs),
      secrets: secrets.map(({ secret, users = [] }) => ({
        arn: secret.arn,
        users,
        isRunning: unfinishedVersion(secret) !== undefined,
      })),
    })),
    ...others,
  };
}

/** How many secrets had each outcome, then a paragraph for each reason why some did not rotate. */
export function summaryText(
  reports: readonly RotateReport[],
  plan: Plan,
  { durationMs, again, bothUsers = false }: { durationMs: number; again: string; bothUsers: boolean | undefined },
): string {
  const nameOf = shortNames(reports.map(({ secretId }) => secretId));
  const others = reports.filter(({ outcome }) => outcome.kind !== 'rotated');
  const groups = Map.groupBy(others, ({ outcome }) => headlineOf(outcome));
  const reasons = [...groups].map(([headline, group]) => reasonText(headline, group, nameOf));
  const next = others.length === 0 ? '' : `To rotate the others, run \`${again}\`.\n`;
  const complete = new Set(reports.filter(({ outcome }) => isComplete(outcome)).map(({ secretId }) => secretId));
  const rotated = plan.places.flatMap(({ secrets }) => secrets).filter(({ secretId }) => complete.has(secretId));
  const stillValid = bothUsers ? undefined : alternatingText(rotated, bothUsers);
  const oneUser = stillValid === undefined ? [] : [paragraph('still valid', [stillValid])];
  return [...reasons, ...oneUser, `${totalText(reports)}It took ${formatDuration(durationMs)}.\n${next}`].join('\n');
}

function reasonText(headline: string, group: readonly RotateReport[], nameOf: (secretId: string) => string): string {
  const outcome = group[0]?.outcome;
  return paragraph(`${headline}: ${group.length}`, [
    ...(outcome === undefined || outcome.kind === 'rotated'
      ? []
      : ([
          ['message', outcome.message],
          ['advice', outcome.advice],
        ] as const)),
    ...group.map(({ secretId }, index) => [index === 0 ? 'secrets' : '', nameOf(secretId)] as const),
  ]);
}
