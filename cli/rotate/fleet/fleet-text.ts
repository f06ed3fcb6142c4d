import { isRevocation } from '../../../protocol/rotation/strategies/minimum-gap.ts';
import { truncatedList } from '../../outcome/failure.ts';
import { adviceLines, counted, type Line, paragraph } from '../../terminal/text.ts';
import { formatDuration } from '../../terminal/time.ts';
import type { Ready } from '../check-secret.ts';
import type { RotateReport } from '../json-schema.ts';
import { headlineOf, totalText } from '../report.ts';
import type { RotateOptions } from '../rotate-definition.ts';
import { byPlace, type FleetPlan } from './plan.ts';

/**
 * What the command is going to do, and what it leaves out.
 *
 * @param again the command line that continues after an interruption
 */
export function planText(plan: FleetPlan, again: string, { bothUsers, revokePrevious }: RotateOptions): string {
  const { secrets, leftOut, unsearched, rotatedSince } = plan;
  const alternating = secrets.filter(({ users }) => users !== undefined);
  return paragraph(`plan: rotate ${counted(secrets.length, 'secret')}`, [
    ...[...byPlace(secrets)].map(
      ([place, group]): Line => ['rotate', `${counted(group.length, 'secret')} in ${place}: ${namesOf(group)}`],
    ),
    alternating.length === 0
      ? undefined
      : [
          bothUsers ? 'both users' : 'one user',
          `${counted(alternating.length, 'secret')} whose two users take turns. ${bothUsers ? BOTH_USERS : ONE_USER}: ${namesOf(alternating)}`,
        ],
    revokePrevious && secrets.length > 0 ? ['revoke', `${REVOCATION}: ${namesOf(secrets)}`] : undefined,
    // One line for each reason.
    ...[...Map.groupBy(leftOut, ({ code }) => code)].flatMap(([code, entries]): Line[] => {
      const names = entries.map(({ secretId }) => secretId);
      const [first] = entries;
      return [
        ['left out', `${counted(entries.length, 'secret')} (${code}): ${truncatedList(names)}`],
        ['', `${first?.message ?? ''} ${first?.advice ?? ''}`],
      ];
    }),
    ...unsearched.map(
      ({ place, code, message, advice }): Line => ['unsearched', `${place} (${code}): ${message} ${advice}`],
    ),
    rotatedSince === 0 ? undefined : ['not chosen', `${rotatedSince} that have rotated since --older-than`],
    secrets.length === 0 ? undefined : ['again', `After an interruption, continue with \`${again}\``],
  ]);
}

const BOTH_USERS =
  'Both get a new password, one right after the other, without the minimum gap. The cluster refuses applications that keep an earlier credential in memory';

const ONE_USER =
  'Only the user whose turn it is gets a new password, and the other credential still logs in. After a leak, give --both-users';

const REVOCATION =
  'The function deletes the replaced API key, and every earlier one, right after AWSCURRENT has moved. The cluster refuses applications that keep it in memory';

function namesOf(secrets: readonly Ready[]): string {
  const names = secrets.map(({ secret }) => secret.name);
  return truncatedList(names);
}

/** A paragraph for each reason why some did not rotate, and each revocation, then the totals. */
export function summaryText(reports: readonly RotateReport[], durationMs: number, again: string): string {
  const others = reports.filter(({ error }) => error !== null);
  const reasons = [...Map.groupBy(others, headlineOf)].map(([headline, group]) => {
    const { message = '', advice = '' } = group[0]?.error ?? {};
    return paragraph(`${headline}: ${group.length}`, [
      ['message', message],
      ...adviceLines('advice', advice),
      ...group.map(({ secret }, index): Line => [index === 0 ? 'secrets' : '', secret]),
    ]);
  });
  const next = others.length === 0 ? '' : `To rotate the others, run \`${again}\`.\n`;
  // After a leak, a person needs the name of each deleted key.
  const revoked = reports
    .filter(({ error, versionId }) => error === null && isRevocation(versionId ?? ''))
    .map(({ secret, notes }) =>
      paragraph(
        `${secret}: rotated`,
        notes.map((note): Line => ['note', note]),
      ),
    );
  return [...reasons, ...revoked, `${totalText(reports)}It took ${formatDuration(durationMs)}.\n${next}`].join('\n');
}
