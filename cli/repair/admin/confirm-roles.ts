import { AwsError } from '../../aws/aws-error.ts';
import { forgetRoles } from '../../aws/stored-roles.ts';
import { describeUser, grantEach, type UsableAdmin } from '../../cluster/admin-requests.ts';
import { catchKnown } from '../../outcome/catch-known.ts';
import { type Failure, failed } from '../../outcome/failure.ts';
import type { ChangePorts } from '../ports.ts';
import { adviceToRepeat } from './recreate-user.ts';

/**
 * Grants the roles that the user lacks. When the cluster shows that the user has every role,
 * removes the roles that an interrupted repair stored in the secret.
 *
 * @returns `undefined` if the user has every role
 */
export async function confirmRoles(
  username: string,
  wanted: readonly string[],
  credential: UsableAdmin,
  { adminCluster, aws, secretId }: ChangePorts,
): Promise<Failure | undefined> {
  if (wanted.length === 0) {
    return undefined;
  }
  const missing = await readMissingRoles(username, wanted, credential, { adminCluster });
  const ungranted = missing.length === 0 ? [] : await grantEach(username, missing, credential.admin, adminCluster);
  const still = missing.length === 0 ? [] : await readMissingRoles(username, wanted, credential, { adminCluster });
  if (still.length > 0) {
    const answer = ungranted.at(-1)?.answer ?? 'The cluster does not show these roles.';
    return failed(
      'roles-missing',
      `The new password is in force. The cluster did not confirm these roles of ${username}: ${still.join(', ')}. ${answer}`,
      adviceToRepeat(username, still),
    );
  }
  const error = await catchKnown(forgetRoles(secretId, username, aws), AwsError);
  return error instanceof AwsError
    ? failed(
        error.kind,
        `${username} has every role. The tag with these roles could not be removed from the secret. ${error.message}`,
        error.advice,
      )
    : undefined;
}

/** Describes the user on the cluster. Without an answer, every role counts as missing. */
async function readMissingRoles(
  username: string,
  wanted: readonly string[],
  credential: UsableAdmin,
  { adminCluster }: Pick<ChangePorts, 'adminCluster'>,
): Promise<readonly string[]> {
  const user = await describeUser(credential, username, adminCluster);
  const granted = user.kind === 'found' ? user.roles : [];
  return wanted.filter((role) => !granted.includes(role));
}
