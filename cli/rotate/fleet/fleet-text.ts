import { truncatedList } from '../../outcome/failure.ts';
import { counted, paragraph, shortNames } from '../../terminal/text.ts';
import { formatDuration } from '../../terminal/time.ts';
import { headlineOf, totalText } from '../render.ts';
import type { RotateReport } from '../report.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { byPlace, type LeftOutSecret, type Plan, type PlannedSecret } from './plan.ts';

/**
 * What the command is going to do, and what it leaves out.
 *
 * @param again the command line that continues after an interruption
 */
export function planText(
  plan: Plan,
  again: string,
  { bothUsers = false, revokePrevious = false }: RotateCommandOptions,
): string {
  const { secrets, leftOut, unsearched, rotatedSince } = plan;
  const nameOf = shortNames(leftOut.map(({ secretId }) => secretId));
  return paragraph(`plan: rotate ${counted(secrets.length, 'secret')}`, [
    ...[...byPlace(secrets)].map(([place, group]) => ['rotate', placeText(place, group)] as const),
    alternatingText(secrets, bothUsers),
    revokePrevious && secrets.length > 0 ? (['revoke', revocationText(secrets)] as const) : undefined,
    ...leftOutText(leftOut, nameOf),
    ...unsearched.map(
      ({ place, code, message, advice }) => ['unsearched', `${place} (${code}): ${message} ${advice}`] as const,
    ),
    rotatedSince === 0 ? undefined : ['not chosen', `${rotatedSince} that have rotated since --older-than`],
    secrets.length === 0 ? undefined : ['again', `After an interruption, continue with \`${again}\``],
  ]);
}

function placeText(place: string, secrets: readonly PlannedSecret[]): string {
  const names = secrets.map(({ secret }) => secret.name);
  return `${counted(secrets.length, 'secret')} in ${place}: ${truncatedList(names, ', ')}`;
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

function revocationText(secrets: readonly PlannedSecret[]): string {
  const names = secrets.map(({ secret }) => secret.name);
  return `The function deletes the replaced API key, and every earlier one, right after AWSCURRENT has moved. The cluster refuses applications that keep it in memory: ${truncatedList(names, ', ')}`;
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
export function planJson({ secrets, ...others }: Plan): Record<string, unknown> {
  return { secrets: secrets.map(({ secret: { arn }, users = [] }) => ({ arn, users })), ...others };
}

/** How many secrets had each outcome, then a paragraph for each reason why some did not rotate. */
export function summaryText(
  reports: readonly RotateReport[],
  { durationMs, again }: { readonly durationMs: number; readonly again: string },
): string {
  const nameOf = shortNames(reports.map(({ secretId }) => secretId));
  const others = reports.filter(({ outcome }) => outcome.kind !== 'rotated');
  const groups = Map.groupBy(others, ({ outcome }) => headlineOf(outcome));
  const reasons = [...groups].map(([headline, group]) => reasonText(headline, group, nameOf));
  const next = others.length === 0 ? '' : `To rotate the others, run \`${again}\`.\n`;
  return [...reasons, `${totalText(reports)}It took ${formatDuration(durationMs)}.\n${next}`].join('\n');
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
