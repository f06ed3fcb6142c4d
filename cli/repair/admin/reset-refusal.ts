import type { Change, Credentials } from '../../../protocol/cluster/cluster.ts';
import { MAY_REJECT_EVERY_LOGIN } from '../../cluster/admin-requests.ts';
import { type Failure, failed } from '../../outcome/failure.ts';

/** Why the cluster did not reset the password, and what to do. */
export function resetRefusal(
  { username, endpoint }: Credentials,
  reason: Exclude<Extract<Change, { kind: 'refused' }>['reason'], 'unclear'>,
  answer: string,
): Failure {
  const user = `${username} at ${endpoint.url}`;
  const inConsole = `Reset the password in the console of ${endpoint.host} and store it in the secret.`;
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
        `${inConsole} Or list the admin there and repeat. Or repeat with --recreate-user, which drops ${username} and creates it again with the same roles.`,
      );
    case 'unknown-user':
      return failed(
        'no-such-user',
        `${endpoint.url} has no user ${username} (${answer}).`,
        'Repeat with --recreate-user and with --role ROLE for each role of the user.',
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
