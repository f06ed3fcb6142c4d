import { minimumGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { loginTwice } from '../cluster/login.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import { date } from '../terminal/time.ts';
import type { Ready } from './check-secret.ts';
import type { RotatePorts } from './rotate-ports.ts';

/**
 * Why the function would refuse a rotation of two users that take turns: the minimum gap has not
 * passed, and AWSCURRENT still logs in.
 *
 * @returns `undefined` if the rotation may start, and if the gap is not known
 */
export async function explainTooRecent(
  { secret, previous, strategy }: Ready,
  ports: RotatePorts,
): Promise<CommandRefusal | undefined> {
  const { aws, clock } = ports;
  const { users, minimumGapMs = 0 } = strategy;
  if (!strategy.hasMinimumGap || minimumGapMs === 0) {
    return undefined;
  }
  // A caller who may not list versions knows the last rotation only.
  const listed = await catchKnown(aws.store(secret.arn).list(), SecretStoreError);
  const versions = listed instanceof SecretStoreError ? [] : listed;
  const gap = minimumGap(secret, versions, { minimumGapMs, now: clock.now() });
  if (gap.hasPassed) {
    return undefined;
  }
  const login = await loginTwice(previous.credentials, ports);
  switch (login.kind) {
    case 'rejected':
      return undefined;
    case 'accepted':
      return refused(
        'too-recent',
        `${users.join(' and ')} take turns in ${secret.name}, and applications may still use the credential before the present one. The next rotation is possible from ${date(gap.end)}.`,
        'Repeat the command after this time. After a leak, add --both-users.',
      );
    case 'undecided':
      return refused(
        'undecided',
        `The minimum gap of ${secret.name} ends on ${date(gap.end)}. Before this time, a rotation may start only if the cluster rejects AWSCURRENT, which is not known here. ${login.explanation}`,
        'Repeat the command on a machine that reaches the cluster, or after this time. After a leak, add --both-users.',
      );
    case 'not-enforced':
      return { ...failureOfFinding(searchFinding(login)), kind: 'refused' };
  }
}
