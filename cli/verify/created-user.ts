import type { Admin } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { readAdmin } from '../change/admin.ts';
import { failed } from '../outcome/failure.ts';
import { FailureError, orEnd } from '../outcome/failure-error.ts';
import { connectAwsFor, endpointOptions } from '../terminal/read-options.ts';
import { documentOf, hexDigits, type Setup, type TemporaryCredential, tagsOf } from './temporary-credential.ts';

/** Of 32 characters, and only this command gives it. */
export const CREATED_USERNAME: RegExp = /^zverify_[0-9a-f]{24}$/;

/** gRPC's codes for a caller without the permission, and without a valid credential. */
const NO_ADMIN = /^gRPC (7|16):/;

/** A user that the admin creates. @throws FailureError, SecretStoreError */
export async function readCreatedUser(adminSecret: string, setup: Setup): Promise<TemporaryCredential> {
  const { endpoint, ports } = setup;
  const admin = await adminFor(adminSecret, endpoint, setup);
  const user = { endpoint, username: `zverify_${hexDigits(ports, 24)}`, password: ports.newPassword() };
  return {
    admin,
    creation: `Create the user ${user.username} without a role at ${endpoint.url}, with the credential in ${adminSecret}`,
    initial: { value: documentOf(user), tags: tagsOf('user', user) },
    create: async ({ arn }) => {
      const answer = await ports.adminCluster.createUser(admin, user.username, user.password);
      if (answer.kind !== 'done') {
        // Without this, the secret would wait for an admin who drops a user that was never created.
        if (NO_ADMIN.test(answer.answer)) {
          await ports.aws.rotation.deleteSecret(arn);
        }
        const message = `The admin cannot create a user (${answer.answer}).`;
        throw new FailureError(failed('admin-refused', message, 'Use the secret of an admin.'));
      }
      return { direct: user, stored: user };
    },
  };
}

/** @throws FailureError, SecretStoreError */
export async function adminFor(
  adminSecret: string,
  endpoint: Endpoint,
  { options, ports }: Pick<Setup, 'options' | 'ports'>,
): Promise<Admin> {
  const adminStore = (id: string) => connectAwsFor(id, options, ports).store(id);
  return orEnd(await readAdmin(adminSecret, endpoint, { endpoints: endpointOptions(options), adminStore })).admin;
}
