import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import { requirePendingAccepted } from '../can-log-in.ts';
import { RotationError } from '../errors.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import type { PendingAttempt } from '../strategies/strategy.ts';

/**
 * Moves AWSCURRENT to the pending version by compare-and-swap, right after more logins with the
 * pending password. Waits for slow proxies as testSecret does: the password has changed, so a
 * failure here would leave AWSCURRENT rejected.
 *
 * AWSPENDING stays on the version. If a separate call removed it, Secrets Manager could take the
 * rotation for incomplete.
 */
export async function finishSecret(ports: RotationPorts, attempt: PendingAttempt): Promise<StepOutcome> {
  const { current, pending, token } = attempt;
  await requirePendingAccepted(ports, attempt);
  if ((await ports.store.promote({ to: token, from: current.versionId })) === 'moved') {
    await describeAndRequireCurrent(ports, token);
  }
  await attempt.strategy.retire(ports, attempt, pending);
  return 'promoted';
}

/**
 * AWSCURRENT was not on the expected version: an earlier call moved it and its answer was lost, or
 * a person moved it.
 */
async function describeAndRequireCurrent(ports: RotationPorts, token: string): Promise<void> {
  const currentId = holderOf(await ports.store.describe(), AWSCURRENT);
  if (currentId !== token) {
    throw new RotationError(
      'CURRENT_MOVED',
      currentId === undefined
        ? 'No version has AWSCURRENT any more.'
        : `AWSCURRENT moved to version ${currentId} during this rotation. The function leaves it there.`,
      'pending',
    );
  }
}
