import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { endWith, FailureError, failed } from '../outcome/failure.ts';
import { readUser, type UsableAdmin } from './admin.ts';
import { type PlanStep, UnsettledError } from './step.ts';

/** Only a login proves the creation: the answer may be lost, or an earlier request arrives late. */
export function createUser({ admin, adminSecret }: UsableAdmin, credentials: Credentials): PlanStep {
  const { username, password, endpoint } = credentials;
  return {
    text: `Create ${username} at ${endpoint.url} with the credential in ${adminSecret}`,
    run: async (ports) => {
      const answer = await ports.adminCluster.createUser(admin, username, password);
      const isRefused = answer.kind === 'refused';
      const login = await loginWithCheck(credentials, ports, isRefused ? 'once' : 'everywhere');
      if (login.kind === 'accepted') {
        return;
      }
      if (isRefused) {
        const message = `${endpoint.url} did not create ${username} (${answer.answer}).`;
        endWith(failed('create-refused', message, 'Remove the cause.'));
      }
      const reason = answer.kind === 'lost' ? answer.answer : 'The cluster reported success and rejects the login.';
      const message = `It is not known whether ${username} exists at ${endpoint.url}. ${reason}`;
      throw new UnsettledError(message, 'Its password is stored.');
    },
  };
}

/** Grants the roles that the user lacks. Ends only if the cluster shows that it has every role. */
export function grantRoles(admin: UsableAdmin, username: string, roles: readonly string[]): PlanStep {
  return {
    text: `Grant to ${username} the roles that it lacks, with the credential in ${admin.adminSecret}: ${roles.join(', ')}`,
    run: async ({ adminCluster }) => {
      let answer = 'The cluster does not show these roles.';
      for (const role of await readMissingRoles(admin, username, roles, adminCluster)) {
        const granted = await adminCluster.grantRole(admin.admin, username, role);
        answer = granted.kind === 'done' ? answer : granted.answer;
      }
      const missing = await readMissingRoles(admin, username, roles, adminCluster);
      if (missing.length > 0) {
        const message = `The cluster did not confirm these roles of ${username}: ${missing.join(', ')}. ${answer}`;
        endWith(
          failed('roles-missing', message, 'Create the roles if they do not exist, and run the same command again.'),
        );
      }
    },
  };
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
