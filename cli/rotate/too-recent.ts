import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { loginTwice } from '../cluster/login.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import { dateRoundedUp } from '../terminal/time.ts';
import type { Ready } from './check-secret.ts';
import type { RotatePorts } from './rotate-ports.ts';

/**
 * Why the function would refuse to start a rotation now.
 *
 * @returns `undefined` if the rotation may start, and if the minimum gap is not known
 */
export async function explainTooRecent(
  { secret, previous, strategy }: Ready,
  ports: RotatePorts,
): Promise<CommandRefusal | undefined> {
  const { aws, clock } = ports;
  const { minimumGapMs = 0 } = strategy;
  const refusal = await strategy.refuseStart({
    secret,
    current: previous.credentials,
    minimumGapMs,
    now: clock.now(),
    // A caller who may not list versions knows the last rotation only.
    listVersions: async () => {
      const listed = await catchKnown(aws.store(secret.arn).list(), SecretStoreError);
      return listed instanceof SecretStoreError ? [] : listed;
    },
    logIn: () => loginTwice(previous.credentials, ports),
  });
  if (refusal === undefined) {
    return undefined;
  }
  const { reason, login } = refusal;
  const from = dateRoundedUp(refusal.possibleFrom);
  switch (login.kind) {
    case 'accepted':
      return refused(
        'too-recent',
        `${secret.name} cannot be rotated now. ${reason} The next rotation is possible from ${from}.`,
        'Repeat the command after this time. After a leak, add --both-users.',
      );
    case 'undecided':
      return refused(
        'undecided',
        `The minimum gap of ${secret.name} ends on ${from}. Before this time, a rotation may start only if the cluster rejects AWSCURRENT, which is not known here. ${login.explanation}`,
        `Repeat the command on a machine that reaches the cluster, or after this time. To let the function decide, run \`zilliz-rotation rotate ${secret.name}\`. After a leak, add --both-users.`,
      );
    case 'not-enforced':
      return { ...failureOfFinding(searchFinding(login)), kind: 'refused' };
  }
}
