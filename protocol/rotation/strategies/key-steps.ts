import type { UsableCredential } from '../../credential/stored-credential.ts';
import { type ControlPlane, type DescribedKey, MAX_KEYS } from '../../keys/control-plane.ts';
import { findOrphans, mayName } from '../../keys/orphans.ts';
import { isOfSecret, keyDescription, keyName, sameScope } from '../../keys/rotated-key.ts';
import type { SecretDescription } from '../../secret/secret-store.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  AWSPREVIOUS,
  freeLabels,
  hasRoomForNewPassword,
  hasSentLabel,
  holderOf,
  lacksSentLabel,
  MAX_LABELS,
  MAX_SENT_LABELS,
  sentLabelOf,
} from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import { openKeys, requireRoom, requireRotatable } from '../open-keys.ts';
import { describeWhilePending } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { deleteOrphans, findOrphansForCertain, readVersions } from './orphaned-keys.ts';
import { labelKey, retireKeys } from './retire-keys.ts';
import type { Attempt, ChosenCredential } from './strategy.ts';

/**
 * Creates a key with the scope of the current one. First deletes what earlier rotations created and
 * could not store: nobody knows the text of such a key. What an earlier attempt of this rotation
 * created stays until setSecret, unless the organization is full: another invocation of this step
 * may be about to store it.
 */
export async function choose(ports: RotationPorts, attempt: Attempt): Promise<ChosenCredential> {
  const { description: secret, current, token } = attempt;
  if (!(await hasRoom(ports, attempt))) {
    throw labelsFull(secret);
  }
  const controlPlane = await openKeys(ports, current);
  const keys = await controlPlane.list();
  const { scope } = requireRotatable(keys, current, secret, attempt.pins);
  const name = keyName(secret, token);
  const found = await findOrphansForCertain(ports, attempt, keys);
  const orphans = found.filter((key) => key.name !== name || keys.length >= MAX_KEYS);
  await deleteOrphans(orphans, controlPlane, ports);
  requireRoom(keys.length - orphans.length);
  const created = await controlPlane.create({ name, description: keyDescription(secret), scope });
  ports.report({ event: 'key-created', keyId: created.id });
  return {
    username: created.id,
    password: created.key,
    discard: async () => await deleteOrphans([created], controlPlane, ports),
  };
}

function labelsFull({ name }: SecretDescription): RotationError {
  return new RotationError(
    'LABELS_FULL',
    `${name} has no room for the label of another key. Secrets Manager allows ${MAX_LABELS} labels a secret. Each key that is still valid needs one, and ${MAX_SENT_LABELS} are allowed for keys.`,
  );
}

/**
 * Each key that is still valid needs a sent label. If there is no room, deletes keys that are due.
 */
async function hasRoom(ports: RotationPorts, attempt: Attempt): Promise<boolean> {
  if (hasRoomForNewPassword(attempt.description)) {
    return true;
  }
  await retireKeys(ports, attempt, attempt.current);
  return hasRoomForNewPassword(await ports.store.describe());
}

/**
 * Requires that this rotation created the new key, with the scope of the current one. Otherwise
 * whoever holds a leaked key and may write the secret could make the key current again. The control
 * plane made the key valid when it created it, so nothing is left to change.
 *
 * @throws RotationError LABELS_FULL. KEY_CHANGED after AWSPENDING was removed, because the value of
 * a version cannot change. TOKEN_NOT_PENDING if another invocation has ended the rotation.
 */
export async function activate(
  ports: RotationPorts,
  attempt: Attempt,
  pending: UsableCredential,
): Promise<StepOutcome> {
  const { description, current, token } = attempt;
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
  const orphans = await findOrphans(keys, description, () => readVersions(ports, attempt));
  // If this invocation is late, the next rotation may be about to store a key of another name.
  const own = orphans.filter(({ name }) => name === keyName(description, token));
  await deleteOrphans(own, controlPlane, ports);
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
 * Removes AWSPENDING, deletes the key of this rotation, and removes the sent label, which could use
 * up the room for others. If another version may name the key, or the deletion fails, the label
 * leads a later rotation to the key. Also if the list shows the key late, while there is room.
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
    const others = await readVersions(ports, { description: secret, pins }, token);
    const isNamed = others.some((stored) => mayName(stored, created.id));
    const now = await store.describe();
    const isInUse = [AWSCURRENT, AWSPREVIOUS].some((label) => holderOf(now, label) === token);
    if (isNamed || isInUse || created.name !== keyName(secret, token)) {
      return;
    }
    await deleteOrphans([created], controlPlane, ports);
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
