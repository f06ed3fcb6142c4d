import { readVersion, readVersionUnlessDenied } from '../../credential/read-version.ts';
import type { StoredCredential, UsableCredential } from '../../credential/stored-credential.ts';
import { type ControlPlane, type DescribedKey, MAX_KEYS } from '../../keys/control-plane.ts';
import { findOrphans, keyIdOf, mayNameAnyKey } from '../../keys/orphans.ts';
import { isOfSecret, keyDescription, keyName, sameScope } from '../../keys/rotated-key.ts';
import type { ListedVersion, SecretDescription } from '../../secret/secret-store.ts';
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
 * @throws RotationError KEY_CHANGED after AWSPENDING was removed, because the value of a version
 * cannot change. The key of this rotation is deleted. If that fails, its sent label leads a later
 * rotation to it.
 */
async function activate(
  ports: RotationPorts,
  { description, token }: Attempt,
  { current, pending }: RotatedPair,
): Promise<StepOutcome> {
  const controlPlane = await openKeys(ports, current);
  const { keys, created } = await listWith(pending.credentials.username, controlPlane, ports);
  const old = requireRotatable(keys, current, description, ports.settings.target);
  if (created === undefined || !isOfSecret(created, description) || !sameScope(created.scope, old.scope)) {
    await ports.store.removeLabel({ label: AWSPENDING, from: token });
    if (created?.name === keyName(description, token) && hasSentLabel(description, token)) {
      await controlPlane.delete(created.id);
      ports.report({ event: 'key-deleted', keyId: created.id, why: 'orphan' });
    }
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
    if (freeLabels(description) > 0) {
      await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
    } else {
      ports.report({ event: 'labels-full', versionId, why: 'may be accepted' });
    }
  }
  return 'already-in-force';
}

/** Lists the keys until the new one is among them, because a list may be late. */
async function listWith(
  keyId: string,
  controlPlane: ControlPlane,
  { clock, settings }: RotationPorts,
): Promise<{ readonly keys: readonly DescribedKey[]; readonly created: DescribedKey | undefined }> {
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
 * Deletes the keys that earlier rotations replaced. The key that this rotation replaced stays valid,
 * unless a person asked to revoke it.
 */
async function retire(ports: RotationPorts, attempt: Attempt, proven: UsableCredential): Promise<void> {
  const { description: secret, currentId, token } = attempt;
  const replaced = currentId === token ? holderOf(secret, AWSPREVIOUS) : currentId;
  await retireKeys(ports, attempt, proven, isRevocation(token) ? replaced : undefined);
}

/**
 * Deletes the keys in versions with a sent label that are older than every version with an AWS label,
 * if the minimum gap has passed since AWSCURRENT moved, so that no application can hold them in its
 * memory. The labels are read again: this invocation may be late, and the key that it takes for
 * replaced may be the one of the next rotation, or of a version that a person restored.
 *
 * A key is deleted only if it was created for this secret or is the pinned one. A failure is reported,
 * and leaves the rest to the next rotation.
 *
 * @param revoked a version whose key is deleted if AWSPREVIOUS is on it.
 */
async function retireKeys(
  ports: RotationPorts,
  attempt: Attempt,
  accepted: UsableCredential,
  revoked?: string,
): Promise<void> {
  const others = sentLabels(attempt.description).filter(
    ({ versionId }) => versionId !== attempt.token && versionId !== attempt.currentId,
  );
  if (others.length === 0 && revoked === undefined) {
    return;
  }
  let retired: readonly string[] = others.map(({ versionId }) => versionId);
  try {
    const secret = await ports.store.describe();
    const listed = await ports.store.list();
    const kept = keptVersions(secret, revoked);
    retired = versionsToRetire(secret, listed, kept);
    if (!hasGapPassed(ports, attempt, listed)) {
      throw new Error('the minimum gap has not passed');
    }
    const keptKeys = (await readAll(ports, secret, kept)).map(keyIdOf);
    const versions = await readAll(ports, secret, retired);
    const controlPlane = await openKeys(ports, accepted, ...versions.filter((stored) => stored.kind === 'usable'));
    const keys = await controlPlane.list();
    for (const [index, stored] of versions.entries()) {
      const versionId = retired[index] as string;
      const key = keys.find(({ id }) => id === keyIdOf(stored));
      if (key !== undefined && !keptKeys.includes(key.id)) {
        if (isOfSecret(key, secret) || key.id === ports.settings.target.apiKeyId) {
          await controlPlane.delete(key.id);
          ports.report({ event: 'key-deleted', keyId: key.id, why: versionId === revoked ? 'revoked' : 'replaced' });
        } else {
          ports.report({ event: 'key-kept', keyId: key.id });
        }
      }
      await ports.store.removeLabel({ label: sentLabelOf(secret, versionId), from: versionId });
      ports.report({ event: 'label-retired', versionId });
    }
  } catch (error) {
    for (const versionId of retired) {
      ports.report({ event: 'label-kept', versionId, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
}

/** The versions whose keys an application can read, or will read when a rotation ends. */
function keptVersions(secret: SecretDescription, revoked: string | undefined): readonly string[] {
  const isRevoked = revoked !== undefined && holderOf(secret, AWSPREVIOUS) === revoked;
  return [AWSCURRENT, AWSPENDING, AWSPREVIOUS]
    .map((label) => holderOf(secret, label))
    .filter((versionId) => versionId !== undefined && !(isRevoked && versionId === revoked)) as string[];
}

/**
 * The other versions with a sent label that are older than all of these, and a revoked version. A
 * newer version was in AWSCURRENT moments ago if a person moved the label back.
 */
function versionsToRetire(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  kept: readonly string[],
): readonly string[] {
  const createdAt = (versionId: string): number =>
    listed.find((version) => version.versionId === versionId)?.createdAt ?? Number.POSITIVE_INFINITY;
  const oldestKept = Math.min(...kept.map(createdAt));
  const previous = holderOf(secret, AWSPREVIOUS);
  return [...new Set([...sentLabels(secret).map(({ versionId }) => versionId), previous])].filter(
    (versionId) =>
      versionId !== undefined &&
      !kept.includes(versionId) &&
      (versionId === previous || createdAt(versionId) < oldestKept),
  ) as string[];
}

/** @throws SecretStoreError if AWS denies one of them */
async function readAll(
  ports: RotationPorts,
  secret: SecretDescription,
  versionIds: readonly string[],
): Promise<readonly StoredCredential[]> {
  const stored = await Promise.all(versionIds.map((id) => readVersion(secret, id, readPorts(ports))));
  if (stored.some(mayNameAnyKey)) {
    throw new Error('a version holds a text that may name a key and cannot be read');
  }
  return stored;
}

function hasGapPassed(
  { settings, clock }: RotationPorts,
  { description, token }: Attempt,
  listed: readonly ListedVersion[],
): boolean {
  return minimumGap(description, listed, { minimumGapMs: settings.minimumGapMs, now: clock.date(), token }).hasPassed;
}
