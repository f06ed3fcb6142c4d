import { AwsError } from '../../aws/aws-error.ts';
import { rolesTag, storeRoles } from '../../aws/stored-roles.ts';
import { describeUser, type UsableAdmin } from '../../cluster/admin-requests.ts';
import { catchKnown } from '../../outcome/catch-known.ts';
import { type Failure, failed } from '../../outcome/failure.ts';
import type { ChangePorts } from '../ports.ts';

/** No request has changed the cluster. */
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly failure: Failure;
}

/** The roles that the user gets again. */
export interface KeptRoles {
  readonly kind: 'kept';
  readonly exists: boolean;
  readonly roles: readonly string[];
  /** False if an interrupted repair has left the user without some of them. */
  readonly hadAll: boolean;
}

/** The limit of reads. If no read finds the stored roles, somebody is changing the roles. */
const READS_AT_MOST = 5;

/**
 * Stores the roles of the user and reads them again, until the stored roles are the ones that the
 * user has right before the drop.
 */
export async function keepRoles(
  username: string,
  expected: readonly string[],
  credential: UsableAdmin,
  { adminCluster, aws, secretId, showNotice }: ChangePorts,
): Promise<KeptRoles | Unchanged> {
  let stored: readonly string[] = [];
  for (let reads = 0; reads < READS_AT_MOST; reads += 1) {
    const user = await describeUser(credential, username, adminCluster);
    if ('code' in user) {
      return { kind: 'unchanged', failure: user };
    }
    const exists = user.kind === 'found';
    const granted = exists ? user.roles : [];
    const roles = [...new Set([...granted, ...expected])];
    if (roles.every((role) => stored.includes(role))) {
      return { kind: 'kept', exists, roles, hadAll: expected.every((role) => granted.includes(role)) };
    }
    const error = await catchKnown(storeRoles(secretId, username, roles, aws), AwsError);
    if (error instanceof AwsError) {
      return { kind: 'unchanged', failure: notStored(username, error) };
    }
    showNotice(`Roles of ${username}: ${roles.join(', ')}. The tag ${rolesTag(username)} of ${secretId} keeps them.`);
    stored = roles;
  }
  return {
    kind: 'unchanged',
    failure: failed(
      'roles-changing',
      `Somebody else is changing the roles of ${username}.`,
      `${username} was not changed. Run the command again when its roles stay as they are.`,
    ),
  };
}

function notStored(username: string, { kind, message, advice }: AwsError): Failure {
  return failed(
    kind,
    `${username} was not dropped, because its roles could not be stored in a tag of the secret. ${message}`,
    `Nothing was changed. ${advice}`,
  );
}
