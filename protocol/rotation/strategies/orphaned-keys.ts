import { readVersionUnlessDenied } from '../../credential/read-version.ts';
import type { StoredCredential } from '../../credential/stored-credential.ts';
import type { ControlPlane, DescribedKey } from '../../keys/control-plane.ts';
import { findOrphans } from '../../keys/orphans.ts';
import type { SecretDescription } from '../../secret/secret-store.ts';
import type { RotationPorts } from '../ports.ts';
import { readPorts } from '../read-versions.ts';
import type { Attempt } from './strategy.ts';

/**
 * The orphans of the secret before its rotation has a key. Asks for the labels again before it
 * calls a key an orphan: if this invocation is late, the labels of now name the key that the next
 * rotation creates.
 */
export async function findOrphansForCertain(
  ports: RotationPorts,
  { description, token, pins }: Attempt,
  keys: readonly DescribedKey[],
): Promise<readonly DescribedKey[]> {
  const find = async (secret: SecretDescription) =>
    await findOrphans(keys, secret, () => readVersions(ports, { description: secret, pins }), token);
  const found = await find(description);
  return found.length === 0 ? found : await find(await ports.store.describe());
}

export async function deleteOrphans(
  orphans: ReadonlyArray<{ readonly id: string }>,
  controlPlane: ControlPlane,
  { report }: RotationPorts,
): Promise<void> {
  for (const { id } of orphans) {
    await controlPlane.delete(id);
    report({ event: 'key-deleted', keyId: id, why: 'orphan' });
  }
}

/** Reads every version, also one with a label that the list of versions lacks. */
export async function readVersions(
  ports: RotationPorts,
  { description: secret, pins }: Pick<Attempt, 'description' | 'pins'>,
  except?: string,
): Promise<readonly StoredCredential[]> {
  const versions = [...secret.versions, ...(await ports.store.list())].map(({ versionId }) => versionId);
  const others = [...new Set(versions)].filter((versionId) => versionId !== except);
  return await Promise.all(
    others.map((versionId) => readVersionUnlessDenied(secret, versionId, readPorts(ports, pins))),
  );
}
