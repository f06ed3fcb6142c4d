import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import type { Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import { replace } from './replace.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD } from './rotations.ts';

/**
 * An interrupted rotation: its version `token-1` holds NEW_PASSWORD, which the cluster may have or
 * not.
 */
export async function leavePending(
  secret: FakeSecret,
  labels: readonly string[] = [AWSPENDING, sentLabel('token-1')],
): Promise<void> {
  secret.store.startRotation('token-1');
  await secret.store.put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels });
}

/** Adds versions `sent-1`, `sent-2` …, oldest first, with a sent label. */
export async function addSentVersions(
  { store }: FakeSecret,
  count: number,
  valueAt: (index: number) => string = (index) => documentOf(`Sent!Pass${index}`),
): Promise<void> {
  for (let index = 1; index <= count; index++) {
    const versionId = `sent-${index}`;
    await store.put({ versionId, value: valueAt(index), labels: [sentLabel(versionId)] });
  }
}

/** Adds the labels `owner-1`, `owner-2` … to AWSCURRENT. */
export async function addOwnLabels({ store }: FakeSecret, count: number): Promise<void> {
  for (let index = 1; index <= count; index++) {
    await store.addLabel({ label: `owner-${index}`, to: store.holder(AWSCURRENT) ?? '' });
  }
}

/** Adds an admin who may reset other users, and its secret `zilliz-admin`. */
export function addAdmin({ aws, cluster, adminCluster }: Fixture, endpoint: string = ENDPOINT): void {
  cluster.addUser('root_admin', 'Adm/in"Pass1');
  cluster.superUsers = ['root_admin'];
  adminCluster.admins.add('root_admin:Adm/in"Pass1');
  aws.add('zilliz-admin', adminSecret('root_admin', 'Adm/in"Pass1', endpoint));
}

export function adminSecret(username: string, password: string, endpoint: string = ENDPOINT): string {
  return JSON.stringify({ endpoint, username, password });
}

/** Lets something happen after the first label is removed. */
export function afterFirstRemoval({ store }: FakeSecret, happen: () => unknown): void {
  const removeLabel = store.removeLabel.bind(store);
  store.removeLabel = async (label) => {
    store.removeLabel = removeLabel;
    const answer = await removeLabel(label);
    await happen();
    return answer;
  };
}

/** Lets something happen before the login of a user with this number, counted from 1. */
export function beforeLogin(
  { cluster }: Fixture,
  number: number,
  happen: () => void | Promise<void>,
  username?: string,
): void {
  let logins = 0;
  replace(cluster, 'authenticates', (authenticates) => async (credentials) => {
    logins += username === undefined || credentials.username === username ? 1 : 0;
    if (logins === number) {
      await happen();
    }
    return await authenticates(credentials);
  });
}
