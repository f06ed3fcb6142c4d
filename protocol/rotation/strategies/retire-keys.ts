import { readVersionUnlessDenied } from '../../credential/read-version.ts';
import type { StoredCredential, UsableCredential } from '../../credential/stored-credential.ts';
import { isOfSecret, keyIdOf } from '../../keys/rotated-key.ts';
import type { ListedVersion, SecretDescription } from '../../secret/secret-store.ts';
import {
  AWSCURRENT,
  AWSPENDING,
  AWSPREVIOUS,
  holderOf,
  lacksSentLabel,
  sentLabel,
  sentLabelOf,
  sentLabels,
  storedAt,
} from '../../secret/versions.ts';
import { openKeys } from '../open-keys.ts';
import type { RotationPorts } from '../ports.ts';
import { readPorts } from '../read-versions.ts';
import { isRevocation, minimumGap } from './minimum-gap.ts';
import type { Attempt } from './strategy.ts';

/**
 * Deletes the keys that earlier rotations replaced. The key that this rotation replaced stays
 * valid, unless a person asked to revoke it. Its version lacks a sent label if a person moved
 * AWSCURRENT to it after setSecret.
 */
export async function retire(ports: RotationPorts, attempt: Attempt, proven: UsableCredential): Promise<void> {
  const { description: secret, current, token } = attempt;
  const replaced = current.versionId === token ? holderOf(secret, AWSPREVIOUS) : current.versionId;
  await labelKey(ports, attempt, replaced);
  await retireKeys(ports, attempt, proven, isRevocation(token) ? replaced : undefined);
}

/**
 * Adds the sent label without which no rotation would find the key of a version. A label on a value
 * that cannot be read would keep all later keys.
 */
export async function labelKey(
  ports: RotationPorts,
  { description: secret, pins }: Attempt,
  versionId: string | undefined,
): Promise<void> {
  if (
    versionId !== undefined &&
    lacksSentLabel(secret, versionId) &&
    keyIdOf(await readVersionUnlessDenied(secret, versionId, readPorts(ports, pins))) !== undefined
  ) {
    await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
  }
}

/**
 * Deletes the keys in versions with a sent label that are older than every version with an AWS
 * label, if the minimum gap has passed since AWSCURRENT moved. The labels are read again, because
 * this invocation may be late: a key that seems replaced may be that of the next rotation, or of a
 * version that a person restored.
 *
 * A key is deleted only if it was created for this secret or is the pinned one. After a failure,
 * the next rotation deletes the rest.
 *
 * @param revoked a version whose key is deleted if AWSPREVIOUS is on it.
 */
export async function retireKeys(
  ports: RotationPorts,
  attempt: Attempt,
  accepted: UsableCredential,
  revoked?: string,
): Promise<void> {
  const others = sentLabels(attempt.description).filter(
    ({ versionId }) => versionId !== attempt.token && versionId !== attempt.current.versionId,
  );
  if (others.length === 0 && revoked === undefined) {
    return;
  }
  let left = others.map(({ versionId }) => versionId);
  try {
    const secret = await ports.store.describe();
    const listed = await ports.store.list();
    const kept = keptVersions(secret, attempt.token, revoked);
    const retired = versionsToRetire(secret, listed, kept);
    left = [...retired];
    if (!hasGapPassed(ports, attempt, secret, listed)) {
      throw new Error('the minimum gap has not passed');
    }
    const labelled = sentLabels(secret).map(({ versionId }) => versionId);
    // A person may have stored an old key again, so a newer version names it too.
    const staying = [...kept, ...labelled.filter((versionId) => !retired.includes(versionId))];
    const keptKeys = (await readAll(ports, { ...attempt, description: secret }, staying)).map(keyIdOf);
    const versions = await readAll(ports, { ...attempt, description: secret }, retired);
    const controlPlane = await openKeys(ports, accepted, ...versions.filter((stored) => stored.kind === 'usable'));
    const keys = await controlPlane.list();
    for (const [index, stored] of versions.entries()) {
      const versionId = retired[index] as string;
      const key = keys.find(({ id }) => id === keyIdOf(stored));
      if (key !== undefined && !keptKeys.includes(key.id)) {
        if (isOfSecret(key, secret) || key.id === attempt.pins.apiKeyId) {
          await controlPlane.delete(key.id);
          ports.report({ event: 'key-deleted', keyId: key.id, why: versionId === revoked ? 'revoked' : 'replaced' });
        } else {
          ports.report({ event: 'key-kept', keyId: key.id });
        }
      }
      await ports.store.removeLabel({ label: sentLabelOf(secret, versionId), from: versionId });
      ports.report({ event: 'label-retired', versionId });
      left.shift();
    }
  } catch (error) {
    for (const versionId of left) {
      ports.report({ event: 'label-kept', versionId, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
}

/**
 * The versions whose keys an application can read, or will read when a rotation ends. Also the
 * version of this rotation, which may have been replaced moments ago if this invocation is late.
 */
function keptVersions(secret: SecretDescription, token: string, revoked: string | undefined): readonly string[] {
  const isRevoked = revoked !== undefined && holderOf(secret, AWSPREVIOUS) === revoked;
  const labelled = [AWSCURRENT, AWSPENDING, AWSPREVIOUS].map((label) => holderOf(secret, label));
  return [token, ...labelled].filter(
    (versionId) => versionId !== undefined && !(isRevoked && versionId === revoked),
  ) as string[];
}

/**
 * The versions with a sent label that are older than all kept ones, and last a revoked version: the
 * end of its key proves that no deletion before it has failed. If a person moved AWSCURRENT back, a
 * newer version was in AWSCURRENT moments ago.
 */
function versionsToRetire(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  kept: readonly string[],
): readonly string[] {
  const oldestKept = Math.min(...kept.map((versionId) => storedAt(listed, versionId)));
  const previous = holderOf(secret, AWSPREVIOUS);
  const older = sentLabels(secret)
    .map(({ versionId }) => versionId)
    .filter(
      (versionId) => versionId !== previous && !kept.includes(versionId) && storedAt(listed, versionId) < oldestKept,
    );
  return previous === undefined || kept.includes(previous) ? older : [...older, previous];
}

/** @throws an error that names a version which may name any key. */
async function readAll(
  ports: RotationPorts,
  { description: secret, pins }: Attempt,
  versionIds: readonly string[],
): Promise<readonly StoredCredential[]> {
  return await Promise.all(
    versionIds.map(async (id) => {
      const stored = await readVersionUnlessDenied(secret, id, readPorts(ports, pins));
      if (stored.kind === 'unusable' && stored.reason === 'denied') {
        throw new Error(
          `version ${id} may name the key, and AWS denies the read. ${stored.problem}. See docs/operations.md#the-kms-key-of-a-secret-was-changed`,
        );
      }
      // A key alone, or broken JSON.
      if (stored.kind === 'unusable' && stored.reason === 'document' && stored.keyId === undefined) {
        throw new Error(`version ${id} holds a text that may name a key and cannot be read`);
      }
      return stored;
    }),
  );
}

/**
 * Whether the gap has passed since older keys were replaced. The labels from before the move of
 * AWSCURRENT tell this, unless AWSCURRENT has moved on since.
 */
function hasGapPassed(
  { config, clock }: RotationPorts,
  { description, token }: Attempt,
  secret: SecretDescription,
  listed: readonly ListedVersion[],
): boolean {
  const before = holderOf(secret, AWSCURRENT) === token ? description : secret;
  return minimumGap(before, listed, { minimumGapMs: config.minimumGapMs, now: clock.date(), token }).hasPassed;
}
