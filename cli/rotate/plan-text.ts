import { truncatedList } from '../outcome/failure.ts';
import { counted, type Line, paragraph } from '../terminal/text.ts';
import type { Checked } from './check-secret.ts';
import type { RotationPlan } from './plan-rotations.ts';
import type { RotateOptions } from './rotate-definition.ts';
import { byPlace } from './rotate-ports.ts';

/**
 * What the command is going to do, and what it leaves out.
 *
 * @param again the command line that continues after an interruption
 */
export function planText(plan: RotationPlan, again: string, { bothUsers, revokePrevious }: RotateOptions): string {
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

function namesOf(secrets: readonly Checked[]): string {
  const names = secrets.map(({ secret }) => secret.name);
  return truncatedList(names);
}
