import { readVersion, readVersionUnlessDenied } from '../../credential/read-version.ts';
import type { StoredCredential, UsableCredential } from '../../credential/stored-credential.ts';
import { MAX_KEYS } from '../../keys/control-plane.ts';
import { findOrphans, keyIdOf } from '../../keys/orphans.ts';
import { isOfSecret, keyDescription, keyName, sameScope } from '../../keys/rotated-key.ts';
import type { ListedVersion } from '../../secret/secret-store.ts';
import {
  AWSPENDING,
  AWSPREVIOUS,
  freeLabels,
  hasRoomForNewPassword,
  holderOf,
  lacksSentLabel,
  MAX_LABELS,
  sentLabel,
  sentLabelOf,
  sentLabels,
} from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import { openKeys, requireRotatable } from '../open-keys.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { readPorts } from '../read-pair.ts';
import { isRevocation, minimumGap } from './minimum-gap.ts';
import type { Attempt, ChosenCredential, CredentialSteps, RotatedPair } from './strategy.ts';

/** The steps of a strategy that creates and deletes API keys, and changes nothing on the cluster. */
export const KEY_STEPS: CredentialSteps = { choose, activate, retire };

/**
 * Creates a key with the scope of the current one. First deletes what an earlier attempt created
 * and could not store: nobody knows the text of such a key.
 */
async function choose(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<ChosenCredential> {
  const { description: secret, token } = attempt;
  if (!(await hasRoom(ports, attempt, current))) {
    throw new RotationError(
      'LABELS_FULL',
      `${secret.name} has no room for the label of another key. Secrets Manager allows ${MAX_LABELS} labels a secret, and each key that is still valid needs one.`,
    );
  }
  const controlPlane = await openKeys(ports, current);
  const keys = await controlPlane.list();
  const { scope } = requireRotatable(keys, current, secret, ports.settings.target);
  const orphans = await findOrphans(keys, secret, () => readEveryVersion(ports, attempt), token);
  for (const { id } of orphans) {
    await controlPlane.delete(id);
    ports.report({ event: 'key-deleted', keyId: id, why: 'orphan' });
  }
  if (keys.length - orphans.length >= MAX_KEYS) {
    throw new RotationError('KEY_QUOTA', `The organization has ${keys.length} of ${MAX_KEYS} API keys.`, 'current');
  }
  const created = await controlPlane.create({
    name: keyName(secret, token),
    description: keyDescription(secret),
    scope,
  });
  return {
    username: created.id,
    password: created.key,
    discard: async () => {
      await controlPlane.delete(created.id);
      ports.report({ event: 'key-deleted', keyId: created.id, why: 'orphan' });
    },
  };
}

/** Each key that is still valid needs a sent label. If there is no room, the oldest keys go first. */
async function hasRoom(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<boolean> {
  const { description: secret, currentId, token } = attempt;
  if (hasRoomForNewPassword(secret)) {
    return true;
  }
  await retireKeys(ports, attempt, current, { kept: [token, currentId, holderOf(secret, AWSPREVIOUS)] });
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
 * @throws RotationError KEY_CHANGED after AWSPENDING was removed, because the value of a version
 * cannot change. The sent label stays, so that a later rotation deletes the key.
 */
async function activate(
  ports: RotationPorts,
  { description, token }: Attempt,
  { current, pending }: RotatedPair,
): Promise<StepOutcome> {
  const keys = await (await openKeys(ports, current)).list();
  const old = requireRotatable(keys, current, description, ports.settings.target);
  const created = keys.find(({ id }) => id === pending.credentials.username);
  if (created === undefined || !isOfSecret(created, description) || !sameScope(created.scope, old.scope)) {
    await ports.store.removeLabel({ label: AWSPENDING, from: token });
    throw new RotationError(
      'KEY_CHANGED',
      created === undefined
        ? `The API key in the AWSPENDING version ${token} does not exist.`
        : `The API key in the AWSPENDING version ${token} has another role or scope than the current key, or was not created for this secret.`,
      'current',
    );
  }
  const { versionId } = current;
  if (lacksSentLabel(description, versionId) && freeLabels(description) > 0) {
    await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
  }
  return 'already-in-force';
}

/**
 * Deletes the keys that earlier rotations replaced. The key that this rotation replaced stays valid,
 * unless a person asked to revoke it.
 */
async function retire(ports: RotationPorts, attempt: Attempt, proven: UsableCredential): Promise<void> {
  const { description: secret, currentId, token } = attempt;
  const replaced = currentId === token ? holderOf(secret, AWSPREVIOUS) : currentId;
  await retireKeys(
    ports,
    attempt,
    proven,
    isRevocation(token) ? { kept: [token], revoked: replaced } : { kept: [token, replaced] },
  );
}

/**
 * Deletes the keys in versions with a sent label, if the minimum gap has passed since they were
 * replaced, so that no application can hold them in its memory. A key is deleted only if it was
 * created for this secret or is the pinned one, and none of the kept versions names it.
 *
 * A failure is reported, and leaves the rest to the next rotation.
 *
 * @param kept the versions that have an AWS label, or get one.
 * @param revoked a version whose key is deleted although it has just been replaced.
 */
async function retireKeys(
  ports: RotationPorts,
  attempt: Attempt,
  accepted: UsableCredential,
  { kept, revoked }: { readonly kept: ReadonlyArray<string | undefined>; readonly revoked?: string | undefined },
): Promise<void> {
  const { description: secret } = attempt;
  const labelled = sentLabels(secret).map(({ versionId }) => versionId);
  const retired = new Set([...labelled, revoked].filter((id) => id !== undefined && !kept.includes(id)) as string[]);
  if (retired.size === 0) {
    return;
  }
  try {
    if (!hasGapPassed(ports, attempt, await ports.store.list())) {
      throw new Error('the minimum gap has not passed');
    }
    const read = (versionId: string): Promise<StoredCredential> => readVersion(secret, versionId, readPorts(ports));
    const keptKeys = await Promise.all(
      kept.filter((id) => id !== undefined).map(async (id) => keyIdOf(await read(id))),
    );
    const controlPlane = await openKeys(ports, accepted);
    const keys = await controlPlane.list();
    for (const versionId of retired) {
      const id = keyIdOf(await read(versionId));
      const key = keys.find((listed) => listed.id === id);
      const isOwn = key !== undefined && (isOfSecret(key, secret) || key.id === ports.settings.target.apiKeyId);
      if (isOwn && !keptKeys.includes(key.id)) {
        await controlPlane.delete(key.id);
        ports.report({ event: 'key-deleted', keyId: key.id, why: versionId === revoked ? 'revoked' : 'replaced' });
      }
      await ports.store.removeLabel({ label: sentLabelOf(secret, versionId), from: versionId });
      ports.report({ event: 'label-retired', versionId });
      retired.delete(versionId);
    }
  } catch (error) {
    for (const versionId of retired) {
      ports.report({ event: 'label-kept', versionId, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
}

function hasGapPassed(
  { settings, clock }: RotationPorts,
  { description, token }: Attempt,
  listed: readonly ListedVersion[],
): boolean {
  return minimumGap(description, listed, { minimumGapMs: settings.minimumGapMs, now: clock.date(), token }).hasPassed;
}
