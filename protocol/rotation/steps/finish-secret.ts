import type { SecretDescription } from '../../secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import { requirePendingAccepted } from '../can-log-in.ts';
import { RotationError } from '../errors.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { ROTATED_EVENT } from '../rotated-event.ts';
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
  await sendRotated(ports, attempt.description, token);
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

/** EventBridge answers within some 100 ms. Without a route, nothing answers. */
const TIME_LIMIT_MS = 3000;

/** For the log and the answer. */
const RESERVED_MS = 500;

/**
 * Tells EventBridge that AWSCURRENT has moved, if the deployment has a rule that waits for the
 * event. Runs last, and also if an earlier run moved the label, because that run may have died
 * before this call.
 *
 * @param movedAt At the earliest when AWSCURRENT moved. A repetition names the last change of the
 * secret. So after a restart for the first event, the event of the repetition causes no other one.
 * ASSUMPTION sm-last-changed
 * @throws RotationError EVENT_NOT_SENT. Secrets Manager then repeats the rotation with the same
 * version, which changes nothing on the cluster and sends the event. Without the failure nobody
 * would know that a restart is missing.
 */
export async function sendRotated(
  { config, sendRotated: send, clock, report }: RotationPorts,
  { arn: secretArn, name: secretName }: SecretDescription,
  versionId: string,
  movedAt: number = clock.date(),
): Promise<void> {
  if (!config.rotatedEvents) {
    return;
  }
  const rotatedAt = new Date(movedAt).toISOString();
  const timeoutMs = Math.max(1, Math.min(TIME_LIMIT_MS, clock.remaining() - RESERVED_MS));
  try {
    await send({ secretArn, secretName, versionId, rotatedAt }, timeoutMs);
  } catch (error) {
    throw new RotationError(
      'EVENT_NOT_SENT',
      `AWSCURRENT is on version ${versionId}, and the cluster accepts it. But EventBridge did not take the event "${ROTATED_EVENT.detailType}" (${(error as Error).name}).`,
      'current',
    );
  }
  report({ event: 'rotated-sent' });
}
