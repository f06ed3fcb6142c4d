import { type DescribedKey, MAX_KEYS } from '../../keys/control-plane.ts';
import { deleteOrphans, findOrphans, keyDescription, keyName } from '../../keys/rotated-key.ts';
import type { SecretDescription } from '../../secret/secret-store.ts';
import { hasRoomForNewPassword, MAX_LABELS, MAX_SENT_LABELS } from '../../secret/versions.ts';
import { RotationError } from '../errors.ts';
import { openKeys, requireRoom, requireRotatable } from '../open-keys.ts';
import type { RotationPorts } from '../ports.ts';
import { readEveryVersion } from '../read-versions.ts';
import { retireKeys } from './retire-keys.ts';
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
  await deleteOrphans(orphans, controlPlane, ports.report);
  requireRoom(keys.length - orphans.length);
  const created = await controlPlane.create({ name, description: keyDescription(secret), scope });
  ports.report({ event: 'key-created', keyId: created.id });
  return {
    username: created.id,
    password: created.key,
    discard: async () => await deleteOrphans([created], controlPlane, ports.report),
  };
}

export function labelsFull({ name }: SecretDescription): RotationError {
  return new RotationError(
    'LABELS_FULL',
    `${name} has no room for the label of another key. Secrets Manager allows ${MAX_LABELS} labels a secret. Each key that is still valid needs one, and ${MAX_SENT_LABELS} are allowed for keys.`,
  );
}

/** Deletes keys that are due if there is no room for another sent label. */
async function hasRoom(ports: RotationPorts, attempt: Attempt): Promise<boolean> {
  if (hasRoomForNewPassword(attempt.description)) {
    return true;
  }
  await retireKeys(ports, attempt, attempt.current);
  return hasRoomForNewPassword(await ports.store.describe());
}

/**
 * The orphans before this rotation has a key. Reads the labels again before it calls a key an
 * orphan: if this invocation is late, they name the key that the next rotation creates.
 */
async function findOrphansForCertain(
  ports: RotationPorts,
  { description, token, pins }: Attempt,
  keys: readonly DescribedKey[],
): Promise<readonly DescribedKey[]> {
  const find = async (secret: SecretDescription) =>
    await findOrphans(keys, secret, () => readEveryVersion(ports, { description: secret, pins }), token);
  const found = await find(description);
  return found.length === 0 ? found : await find(await ports.store.describe());
}
