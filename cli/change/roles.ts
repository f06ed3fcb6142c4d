import { type Failure, failed } from '../outcome/failure.ts';
import { adminOf, readUser } from './admin.ts';
import type { ChangePorts } from './step.ts';

/**
 * Grants the roles that the user lacks.
 *
 * @returns `undefined` if the cluster shows that the user has every role
 */
export async function grantRoles(
  username: string,
  roles: readonly string[],
  ports: ChangePorts,
): Promise<Failure | undefined> {
  const { admin } = adminOf(ports);
  let answer = 'The cluster does not show these roles.';
  for (const role of await readMissingRoles(username, roles, ports)) {
    const grant = await ports.adminCluster.grantRole(admin, username, role);
    answer = grant.kind === 'done' ? answer : grant.answer;
  }
  const missing = await readMissingRoles(username, roles, ports);
  return missing.length === 0
    ? undefined
    : failed(
        'roles-missing',
        `The cluster did not confirm these roles of ${username}: ${missing.join(', ')}. ${answer}`,
        'Create the roles if they do not exist, and run the same command again.',
      );
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
