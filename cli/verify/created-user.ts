import { readAdmin } from '../change/admin.ts';
import { endWith, failed, orEnd } from '../outcome/failure.ts';
import type { Setup, TemporaryCredential } from './run.ts';
import { hexDigits, tagsOf } from './temporary.ts';

/** Of 32 characters, and only this command gives it. */
export const CREATED_USERNAME: RegExp = /^zverify_[0-9a-f]{24}$/;

/** gRPC's codes for a caller without the permission, and without a valid credential. */
const NO_ADMIN = /^gRPC (7|16):/;

/** A user that the admin creates. @throws FailureError, SecretStoreError */
export async function readCreatedUser(adminSecret: string, setup: Setup): Promise<TemporaryCredential> {
  const { endpoint, aws, adminCluster, newPassword } = setup;
  const { admin } = orEnd(await readAdmin(adminSecret, endpoint, setup));
  const user = { endpoint, username: `zverify_${hexDigits(setup, 24)}`, password: newPassword() };
  return {
    admin,
    step: `Create the user ${user.username} without a role at ${endpoint.url}, with the credential in ${adminSecret}`,
    tags: tagsOf('user', user),
    create: async ({ arn }) => {
      const answer = await adminCluster.createUser(admin, user.username, user.password);
      if (answer.kind === 'done') {
        return { direct: user, stored: user };
      }
      // Without this, the secret would wait for an admin who drops a user that was never created.
      if (NO_ADMIN.test(answer.answer)) {
        await aws.rotation.deleteSecret(arn);
      }
      const message = `The admin cannot create a user (${answer.answer}).`;
      return endWith(failed('admin-refused', message, 'Use the secret of an admin.'));
    },
  };
}
