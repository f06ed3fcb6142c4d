import { AwsError } from '../aws/aws-error.ts';
import { forgetRoles, readStoredRoles, rolesTag, storeRoles } from '../aws/stored-roles.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, failed } from '../outcome/failure.ts';
import { adminOf, readUser } from './admin.ts';
import type { ChangePorts } from './change-ports.ts';

/** The roles that a user gets again after it was dropped. */
export interface KeptRoles {
  readonly kind: 'kept';
  readonly exists: boolean;
  readonly roles: readonly string[];
  /** False if an interrupted repair has left the user without some of them. */
  readonly hadAll: boolean;
}

/** The limit of reads. If no read finds the stored roles, somebody is changing the roles. */
const MAX_READS = 5;

/**
 * Stores the roles of the user in a tag of the secret and reads them again, until the stored roles
 * are the ones that the user has right before the drop.
 */
export async function keepRoles(
  username: string,
  expected: readonly string[],
  ports: ChangePorts,
): Promise<KeptRoles | Failure> {
  const { adminCluster, aws, secretId, showNotice } = ports;
  let stored: readonly string[] = [];
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const user = await readUser(adminOf(ports), username, adminCluster);
    if ('code' in user) {
      return user;
    }
    const granted = user.kind === 'found' ? user.roles : [];
    const roles = [...new Set([...granted, ...expected])];
    if (roles.every((role) => stored.includes(role))) {
      const hadAll = expected.every((role) => granted.includes(role));
      return { kind: 'kept', exists: user.kind === 'found', roles, hadAll };
    }
    const error = await catchKnown(storeRoles(secretId, username, roles, aws), AwsError);
    if (error instanceof AwsError) {
      return failed(
        error.kind,
        `${username} was not dropped, because its roles could not be stored in a tag of the secret. ${error.message}`,
        `Nothing was changed. ${error.advice}`,
      );
    }
    showNotice(`Roles of ${username}: ${roles.join(', ')}. The tag ${rolesTag(username)} of ${secretId} keeps them.`);
    stored = roles;
  }
  return failed(
    'roles-changing',
    `Somebody else is changing the roles of ${username}.`,
    `${username} was not changed. Run the command again when its roles stay as they are.`,
  );
}

/**
 * Grants the roles that the user lacks: the wanted ones, and those in the tag of the secret. When
 * the cluster shows that the user has every role, removes the tag.
 *
 * @returns `undefined` if the user has every role
 */
export async function grantRoles(
  username: string,
  wanted: readonly string[],
  ports: ChangePorts,
): Promise<Failure | undefined> {
  const { adminCluster, aws, secretId } = ports;
  const stored = readStoredRoles((await aws.rotation.describeSecret(secretId)).tags, username);
  const roles = [...new Set([...wanted, ...stored])];
  const { admin } = adminOf(ports);
  let answer = 'The cluster does not show these roles.';
  for (const role of await readMissingRoles(username, roles, ports)) {
    const grant = await adminCluster.grantRole(admin, username, role);
    answer = grant.kind === 'done' ? answer : grant.answer;
  }
  const missing = await readMissingRoles(username, roles, ports);
  if (missing.length > 0) {
    return failed(
      'roles-missing',
      `The cluster did not confirm these roles of ${username}: ${missing.join(', ')}. ${answer}`,
      'Create the roles if they do not exist, and run the same command again.',
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
  roles: readonly string[],
  ports: ChangePorts,
): Promise<readonly string[]> {
  const user = await readUser(adminOf(ports), username, ports.adminCluster);
  const granted = user.kind === 'found' ? user.roles : [];
  return roles.filter((role) => !granted.includes(role));
}
