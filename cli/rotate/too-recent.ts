import { currentMovedAt } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { loginWithCheck } from '../cluster/login.ts';
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
  const { users, minimumGapMs = 0, propagationMs } = strategy;
  if (!strategy.strategy.keepsCurrent || minimumGapMs === 0) {
    return undefined;
  }
  // A caller who may not list versions knows the last rotation only.
  const listed = await catchKnown(aws.store(secret.arn).list(), SecretStoreError);
  const movedAt = currentMovedAt(secret, listed instanceof SecretStoreError ? [] : listed);
  if (movedAt === undefined || movedAt + minimumGapMs <= clock.now()) {
    return undefined;
  }
  const login = await loginWithCheck(previous.credentials, { ...ports, propagationMs });
  return login.kind === 'rejected'
    ? undefined
    : refused(
        'too-recent',
        `${users.join(' and ')} take turns in ${secret.name}, and applications may still use the credential before the present one. The next rotation is possible from ${date(movedAt + minimumGapMs)}.`,
        'Repeat the command after this time. After a leak, add --both-users.',
      );
}
