import type { ControlPlane, DescribedKey } from '../../keys/control-plane.ts';
import { deleteOrphans, findOrphans, isOfSecret, keyName, mayName, sameScope } from '../../keys/rotated-key.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  AWSPREVIOUS,
  freeLabels,
  hasRoomForNewPassword,
  hasSentLabel,
  holderOf,
  lacksSentLabel,
  sentLabelOf,
} from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import { openKeys, requireRotatable } from '../open-keys.ts';
import { describeWhilePending } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { readEveryVersion } from '../read-versions.ts';
import { labelsFull } from './create-key.ts';
import { labelKey } from './retire-keys.ts';
import type { Attempt, PendingAttempt } from './strategy.ts';

/**
 * Requires that this rotation created the new key, with the scope of the current one. Otherwise
 * whoever holds a leaked key and may write the secret could make it current again. The key has
 * been valid since its creation, so nothing is left to change.
 *
 * @throws RotationError LABELS_FULL. KEY_CHANGED after AWSPENDING was removed, because the value of
 * a version cannot change. TOKEN_NOT_PENDING if another invocation has ended the rotation.
 */
export async function activate(ports: RotationPorts, attempt: PendingAttempt): Promise<StepOutcome> {
  const { description, current, pending, token } = attempt;
  const controlPlane = await openKeys(ports, current);
  const { keys, created } = await listWith(pending.credentials.username, controlPlane, ports);
  const old = requireRotatable(keys, current, description, attempt.pins);
  const isOfRotation =
    created !== undefined && isOfSecret(created, description) && created.name === keyName(description, token);
  if (!isOfRotation || !sameScope(created.scope, old.scope)) {
    await release(ports, attempt, controlPlane, created);
    throw new RotationError(
      'KEY_CHANGED',
      created === undefined
        ? `The API key in the AWSPENDING version ${token} does not exist.`
        : `The API key in the AWSPENDING version ${token} has another role or scope than the current key, or no attempt of this rotation created it.`,
      'current',
    );
  }
  const orphans = await findOrphans(keys, description, () => readEveryVersion(ports, attempt));
  // If this invocation is late, the next rotation may be about to store a key of another name.
  const own = orphans.filter(({ name }) => name === keyName(description, token));
  await deleteOrphans(own, controlPlane, ports.report);
  const free = freeLabels(description);
  // createSecret has found room. Without the label, no rotation would find and delete this key.
  if (free < 1 && lacksSentLabel(description, current.versionId)) {
    throw labelsFull(description);
  }
  await labelKey(ports, attempt, current.versionId);
  // A person may have moved AWSCURRENT since the last rotation.
  if (free > 1) {
    await labelKey(ports, attempt, holderOf(description, AWSPREVIOUS));
  }
  return 'already-in-force';
}

/**
 * Removes AWSPENDING, deletes the key of this rotation, and removes the sent label. The label stays
 * if another version may name the key, if the deletion fails, or if the list may show the key late
 * while there is room: it leads a later rotation to the key.
 *
 * The labels are read again, because this invocation may be late: then AWSCURRENT names the key.
 * Once more right before the deletion, because finishSecret of another invocation may use labels
 * from before. AWSPREVIOUS names the key if a person moved AWSCURRENT back.
 */
async function release(
  ports: RotationPorts,
  { token, pins }: Attempt,
  controlPlane: ControlPlane,
  created: DescribedKey | undefined,
): Promise<void> {
  const { store } = ports;
  const secret = await describeWhilePending(ports, token, 'asked the control plane');
  await store.removeLabel({ label: AWSPENDING, from: token });
  if (!hasSentLabel(secret, token) || (created === undefined && hasRoomForNewPassword(secret))) {
    return;
  }
  if (created !== undefined) {
    const others = await readEveryVersion(ports, { description: secret, pins }, token);
    const isNamed = others.some((stored) => mayName(stored, created.id));
    const now = await store.describe();
    const isInUse = [AWSCURRENT, AWSPREVIOUS].some((label) => holderOf(now, label) === token);
    if (isNamed || isInUse || created.name !== keyName(secret, token)) {
      return;
    }
    await deleteOrphans([created], controlPlane, ports.report);
  }
  await store.removeLabel({ label: sentLabelOf(secret, token), from: token });
}

/** Lists the keys until the new one is among them, because a list may be late. */
async function listWith(
  keyId: string,
  controlPlane: ControlPlane,
  { clock, config }: RotationPorts,
): Promise<{ readonly keys: readonly DescribedKey[]; readonly created: DescribedKey | undefined }> {
  // ASSUMPTION keys-listed
  const until = clock.now() + config.propagationMs;
  for (let pause = 500; ; pause *= 2) {
    const keys = await controlPlane.list();
    const created = keys.find(({ id }) => id === keyId);
    if (created !== undefined || clock.now() + pause > until || clock.remaining() < pause + config.clusterTimeoutMs) {
      return { keys, created };
    }
    await clock.wait(pause);
  }
}
