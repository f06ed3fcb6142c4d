import type { Cluster } from '../../cluster/cluster.ts';
import { parseDocument } from '../../secret/document.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSCURRENT, holderOf, sentLabel } from '../../secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import type { RepairOutcome } from './outcome.ts';
import type { RepairPlan } from './plan.ts';
import { relabel } from './relabel.ts';

/**
 * Whether AWSCURRENT differs from the version in force in more than the password: somebody edited it since, and to
 * promote the version in force would undo that.
 *
 * @throws SecretStoreError
 */
export async function isEdited({ secret, cluster }: Examination, store: Pick<SecretStore, 'read'>): Promise<boolean> {
  const currentId = holderOf(secret, AWSCURRENT);
  if (cluster.kind !== 'found' || currentId === undefined || cluster.candidate.versionId === currentId) {
    return false;
  }
  const current = await store.read(currentId);
  const found = await store.read(cluster.candidate.versionId);
  // A version that has gone since cannot be promoted either; its password is known all the same.
  return current === undefined || found === undefined || withoutPassword(current) !== withoutPassword(found);
}

/**
 * Stores the edited value with the password in force, and makes that AWSCURRENT.
 *
 * @throws SecretStoreError
 */
export async function keepEdit(
  { currentId, credentials, after }: Extract<RepairPlan, { kind: 'keep-edit' }>,
  { store, cluster, randomId }: { store: SecretStore; cluster: Cluster; randomId: () => string },
): Promise<RepairOutcome> {
  const text = await store.read(currentId);
  if (text === undefined) {
    return {
      kind: 'failed',
      code: 'no-value',
      message: 'AWSCURRENT can no longer be read.',
      advice: 'Nothing was changed. Run the command again.',
    };
  }
  const versionId = randomId();
  const label = sentLabel(versionId);
  await store.put({ versionId, value: parseDocument(text).withPassword(credentials.password), labels: [label] });
  const promote = { kind: 'promote', to: versionId, from: currentId } as const;
  const stopped = await relabel([promote, ...after], credentials, store, cluster);
  if (stopped?.kind === 'refused' || stopped?.kind === 'unconfirmed') {
    // Not promoted, and its password is that of another version, so it needs no label; labels are few.
    await store.removeLabel({ label, from: versionId });
  }
  return stopped ?? { kind: 'repaired', versionId };
}

function withoutPassword(text: string): string {
  return parseDocument(text).withPassword('');
}
