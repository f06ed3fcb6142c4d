import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { ClearRefusal } from '../../protocol/cluster/refusal.ts';
import { type Failure, failed } from '../outcome/failure.ts';
import { MAY_REJECT_EVERY_LOGIN } from './admin.ts';

/** Why the cluster did not reset the password of a user, and what to do. */
export function explainRefusal(
  { endpoint }: Credentials,
  user: string,
  { reason, answer }: ClearRefusal,
  secretId: string,
): Failure {
  const create = `create it with \`zilliz-rotation init ${secretId} --admin-secret ADMIN-SECRET --role ROLE\`, with --role for each of its roles`;
  const inConsole = `Reset the password in the cluster's console, and store it with \`zilliz-rotation init ${secretId}\`.`;
  switch (reason) {
    case 'unauthenticated':
      return failed(
        'admin-rejected',
        `${endpoint.url} rejects the login of the admin (${answer}).`,
        `Nothing was changed. ${MAY_REJECT_EVERY_LOGIN}`,
      );
    case 'old-password':
      return failed(
        'old-password-needed',
        `The cluster did not reset the password of ${user} (${answer}). Milvus requires the old password even from an admin, unless common.security.superUsers lists the admin.`,
        `${inConsole} Or add the admin to common.security.superUsers, and repeat. Or, as an admin, note the roles of the user, drop the user if it exists, and ${create}.`,
      );
    case 'unknown-user':
      return failed(
        'no-such-user',
        `${endpoint.url} has no such user (${answer}).`,
        `If the name of the user is right, ${create}.`,
      );
    case 'forbidden':
      return failed(
        'admin-forbidden',
        `The admin may not change the password of ${user} (${answer}).`,
        `${inConsole} Or use a credential with the role admin, or on Zilliz Cloud with the group ClusterAdmin.`,
      );
    case 'new-password':
      return failed(
        'password-refused',
        `The cluster refuses the generated password for ${user} (${answer}).`,
        inConsole,
      );
    case 'not-primary':
      return failed(
        'not-primary',
        `${endpoint.url} is a secondary cluster, which refuses changes of users (${answer}).`,
        'Store the endpoint of the primary cluster in the secret and in the admin secret, then repeat.',
      );
  }
}
