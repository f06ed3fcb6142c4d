import { readVersionUnlessDenied } from '../../credential/read-version.ts';
import type { StoredCredential, UsableCredential } from '../../credential/stored-credential.ts';
import type { ControlPlane, DescribedKey } from '../../keys/control-plane.ts';
import { findOrphans } from '../../keys/orphans.ts';
import { isOfSecret, keyDescription, keyName, sameScope } from '../../keys/rotated-key.ts';
import type { SecretDescription } from '../../secret/secret-store.ts';
import {
  AWSPENDING,
  AWSPREVIOUS,
  freeLabels,
  hasRoomForNewPassword,
  hasSentLabel,
  holderOf,
  lacksSentLabel,
  MAX_LABELS,
  MAX_SENT_LABELS,
  sentLabel,
  sentLabelOf,
} from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import { openKeys, requireRoom, requireRotatable } from '../open-keys.ts';
import type { RotationPorts } from '../ports.ts';
import { preflight } from '../preflight.ts';
import type { StepOutcome } from '../progress.ts';
import { readPorts } from '../read-pair.ts';
import { isRevocation } from './minimum-gap.ts';
import { retireKeys } from './retire-keys.ts';
import type { Attempt, ChosenCredential, RotatedPair } from './strategy.ts';

/**
 * Creates a key with the scope of the current one. First deletes what an earlier attempt created
 * and could not store: nobody knows the text of such a key.
 */
export async function choose(
  ports: RotationPorts,
  attempt: Attempt,
  current: UsableCredential,
): Promise<ChosenCredential> {
  const { description: secret, token } = attempt;
  if (!(await hasRoom(ports, attempt, current))) {
    throw labelsFull(secret);
  }
  const controlPlane = await openKeys(ports, current);
  const keys = await controlPlane.list();
  const { scope } = requireRotatable(keys, current, secret, ports.settings.target);
  const orphans = await findOrphans(keys, secret, () => readEveryVersion(ports, attempt), token);
  for (const { id } of orphans) {
    await controlPlane.delete(id);
    ports.report({ event: 'key-deleted', keyId: id, why: 'orphan' });
  }
  requireRoom(keys.length - orphans.length);
  const created = await controlPlane.create({
    name: keyName(secret, token),
    description: keyDescription(secret),
    scope,
  });
  ports.report({ event: 'key-created', keyId: created.id });
  return {
    username: created.id,
    password: created.key,
    discard: async () => {
      await controlPlane.delete(created.id);
      ports.report({ event: 'key-deleted', keyId: created.id, why: 'orphan' });
    },
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
async function hasRoom(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<boolean> {
  if (hasRoomForNewPassword(attempt.description)) {
    return true;
  }
  await retireKeys(ports, attempt, current);
  return hasRoomForNewPassword(await ports.store.describe());
}

async function readEveryVersion(ports: RotationPorts, { description }: Attempt): Promise<readonly StoredCredential[]> {
  const listed = await ports.store.list();
  return await Promise.all(
    listed.map(({ versionId }) => readVersionUnlessDenied(description, versionId, readPorts(ports))),
  );
}

/**
 * Requires that the new key exists with the scope of the current one. The control plane made it
 * valid when it created it, so nothing is left to change.
 *
 * @throws RotationError LABELS_FULL. KEY_CHANGED after AWSPENDING was removed, because the value of
 * a version cannot change. TOKEN_NOT_PENDING if another invocation has ended the rotation.
 */
export async function activate(
  ports: RotationPorts,
  { description, token }: Attempt,
  { current, pending }: RotatedPair,
): Promise<StepOutcome> {
  const controlPlane = await openKeys(ports, current);
  const { keys, created } = await listWith(pending.credentials.username, controlPlane, ports);
  const old = requireRotatable(keys, current, description, ports.settings.target);
  if (created === undefined || !isOfSecret(created, description) || !sameScope(created.scope, old.scope)) {
    await release(ports, controlPlane, token, created);
    throw new RotationError(
      'KEY_CHANGED',
      created === undefined
        ? `The API key in the AWSPENDING version ${token} does not exist.`
        : `The API key in the AWSPENDING version ${token} has another role or scope than the current key, or was not created for this secret.`,
      'current',
    );
  }
  const { versionId } = current;
  if (lacksSentLabel(description, versionId)) {
    // createSecret has found room. Without the label, no rotation would find and delete this key.
    if (freeLabels(description) < 1) {
      throw labelsFull(description);
    }
    await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
  }
  return 'already-in-force';
}

/**
 * Removes AWSPENDING, deletes the key of this rotation, and removes the sent label, which would
 * never be removed from a version newer than AWSCURRENT. If the deletion fails, the label leads a
 * later rotation to the key.
 *
 * The labels are read again, because this invocation may be late: then AWSCURRENT names the key.
 */
async function release(
  { store, report }: RotationPorts,
  controlPlane: ControlPlane,
  token: string,
  created: DescribedKey | undefined,
): Promise<void> {
  const secret = await store.describe();
  if (preflight(secret, token).kind !== 'proceed') {
    throw new RotationError(
      'TOKEN_NOT_PENDING',
      `Version ${token} stopped being the pending one while this step asked the control plane.`,
    );
  }
  await store.removeLabel({ label: AWSPENDING, from: token });
  if (!hasSentLabel(secret, token) || (created !== undefined && created.name !== keyName(secret, token))) {
    return;
  }
  if (created !== undefined) {
    await controlPlane.delete(created.id);
    report({ event: 'key-deleted', keyId: created.id, why: 'orphan' });
  }
  await store.removeLabel({ label: sentLabelOf(secret, token), from: token });
}

/** Lists the keys until the new one is among them, because a list may be late. */
async function listWith(
  keyId: string,
  controlPlane: ControlPlane,
  { clock, settings }: RotationPorts,
): Promise<{ readonly keys: readonly DescribedKey[]; readonly created: DescribedKey | undefined }> {
  // ASSUMPTION keys-listed
  const until = clock.now() + settings.propagationMs;
  for (let pause = 500; ; pause *= 2) {
    const keys = await controlPlane.list();
    const created = keys.find(({ id }) => id === keyId);
    if (created !== undefined || clock.now() + pause > until || clock.remaining() < pause + settings.clusterTimeoutMs) {
      return { keys, created };
    }
    await clock.wait(pause);
  }
}

/**
 * Deletes the keys that earlier rotations replaced. The key that this rotation replaced stays
 * valid, unless a person asked to revoke it.
 */
export async function retire(ports: RotationPorts, attempt: Attempt, proven: UsableCredential): Promise<void> {
  const { description: secret, currentId, token } = attempt;
  const replaced = currentId === token ? holderOf(secret, AWSPREVIOUS) : currentId;
  await retireKeys(ports, attempt, proven, isRevocation(token) ? replaced : undefined);
}
