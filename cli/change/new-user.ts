import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { loginEverywhere, loginWithCheck } from '../cluster/login.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, FailureError, failed } from '../outcome/failure.ts';
import { readUser, type UsableAdmin } from './admin.ts';
import type { PlanStep } from './step.ts';

/** Only a login proves the creation: the answer may be lost, or an earlier request arrives late. */
export function createUser({ admin, adminSecret }: UsableAdmin, credentials: Credentials): PlanStep {
  const { username, password, endpoint } = credentials;
  return {
    text: `Create ${username} at ${endpoint.url} with the credential in ${adminSecret}`,
    run: async (ports) => {
      const answer = await ports.adminCluster.createUser(admin, username, password);
      const login = await (answer.kind === 'refused' ? loginWithCheck : loginEverywhere)(credentials, ports);
      if (login.kind === 'accepted') {
        return undefined;
      }
      if (answer.kind === 'refused') {
        return failed(
          'create-refused',
          `${endpoint.url} did not create ${username} (${answer.answer}).`,
          'Remove the cause.',
        );
      }
      const reason = answer.kind === 'lost' ? answer.answer : 'The cluster reported success and rejects the login.';
      const message = `It is not known whether ${username} exists at ${endpoint.url}. ${reason}`;
      return { ...failed('unsettled', message, 'Its password is stored.'), mayBeSet: true };
    },
  };
}

/** Grants the roles that the user lacks. Ends only if the cluster shows that it has every role. */
export function grantRoles(admin: UsableAdmin, username: string, roles: readonly string[]): PlanStep {
  return {
    text: `Grant to ${username} the roles that it lacks, with the credential in ${admin.adminSecret}: ${roles.join(', ')}`,
    run: async ({ adminCluster }) => await grant(admin, username, roles, adminCluster),
  };
}

async function grant(
  admin: UsableAdmin,
  username: string,
  roles: readonly string[],
  cluster: AdminCluster,
): Promise<Failure | undefined> {
  let answer = 'The cluster does not show these roles.';
  for (const role of await readMissingRoles(admin, username, roles, cluster)) {
    const granted = await cluster.grantRole(admin.admin, username, role);
    answer = granted.kind === 'done' ? answer : granted.answer;
  }
  const missing = await readMissingRoles(admin, username, roles, cluster);
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
  admin: UsableAdmin,
  username: string,
  roles: readonly string[],
  cluster: AdminCluster,
): Promise<readonly string[]> {
  const user = await catchKnown(readUser(admin, username, cluster), FailureError);
  const granted = !(user instanceof FailureError) && user.kind === 'found' ? user.roles : [];
  return roles.filter((role) => !granted.includes(role));
}
