import { expect } from 'vitest';
import type { Cluster, Credentials } from '../../../protocol/cluster/cluster.ts';

/** Asserts that a cluster neither rejects a login nor refuses a change, and says why. */
export async function expectUndecided(cluster: Cluster, user: Credentials, kind: string, why: string): Promise<void> {
  const message = expect.stringContaining(why);
  await expect(cluster.authenticates(user)).rejects.toMatchObject({ name: 'ClusterUnavailableError', kind, message });
  const change = await cluster.changePassword(user, 'New?password-2');
  expect(change).toEqual({ kind: 'lost', answer: message });
  expect(change).toMatchObject({ answer: expect.stringContaining(`${user.endpoint.url} is `) });
}
