import { expect } from 'vitest';
import type { Cluster, Credentials } from '../../../protocol/cluster/cluster.ts';
import { currentPassword } from '../../support/deployed-rotation.ts';
import { canLogIn } from '../../support/servers.ts';

/** Expects that the password in AWSCURRENT logs in, and that the former one does not. */
export async function expectRotated(secretId: string, former: Credentials, cluster?: Cluster): Promise<void> {
  const password = await currentPassword(secretId);
  expect(password).not.toBe(former.password);
  expect(await canLogIn({ ...former, password }, cluster)).toBe(true);
  expect(await canLogIn(former, cluster)).toBe(false);
}
