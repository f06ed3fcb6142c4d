import type { Change, Credentials } from '../../protocol/cluster/cluster.ts';
import { type ClearRefusal, clearRefusal } from '../../protocol/cluster/refusal.ts';
import type { AdminAnswer, AdminCluster } from '../cluster/admin-cluster.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { catchKnown, endWith, type Failure, FailureError, failed } from '../outcome/failure.ts';
import { MAY_REJECT_EVERY_LOGIN, readRoles, type UsableAdmin } from './admin.ts';
import type { ChangePorts } from './change-ports.ts';
import { type PlanStep, UNSETTLED } from './step.ts';

/** Creates a user whose password is stored already. */
export function createUser({ admin, adminSecret }: UsableAdmin, credentials: Credentials): PlanStep {
  const { username, password, endpoint } = credentials;
  return {
    text: `Create ${username} at ${endpoint.url} with the credential in ${adminSecret}`,
    run: async (ports) => {
      const answer = await ports.adminCluster.createUser(admin, username, password);
      const refusal =
        answer.kind === 'refused'
          ? failed(
              'create-refused',
              `${endpoint.url} did not create ${username} (${answer.answer}).`,
              'Remove the cause.',
            )
          : undefined;
      await proveChange(credentials, refusal, `${username} exists at ${endpoint.url}.`, answer, ports);
    },
  };
}

/**
 * Has the admin set a password that is stored already, so that the next command or rotation finds
 * it after any interruption.
 *
 * @param user the name, if it may be printed
 */
export function resetPassword({ admin, adminSecret }: UsableAdmin, credentials: Credentials, user: string): PlanStep {
  const { username, password, endpoint } = credentials;
  return {
    kind: 'reset-password',
    text: `Set this password for ${user} at ${endpoint.url} with the credential in ${adminSecret}`,
    run: async (ports) => {
      const answer = await ports.cluster.resetPassword(admin, username, password);
      const refused = clearRefusal(answer);
      const refusal = refused && explainRefusal(credentials, user, refused, ports.secretId);
      await proveChange(credentials, refusal, `${user} has the new password.`, answer, ports);
    },
  };
}

/** Why the cluster did not reset the password of a user, and what to do. */
function explainRefusal(
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

/**
 * Only a login proves a change by an admin: the answer may be lost, or an earlier request arrives
 * late. The command ends after the change, so every proxy must know the password then.
 *
 * @param refusal if the request has certainly changed nothing: one login is enough
 * @param unknown what is not known without a login
 * @throws FailureError
 */
async function proveChange(
  credentials: Credentials,
  refusal: Failure | undefined,
  unknown: string,
  reported: AdminAnswer | Change,
  ports: ChangePorts,
): Promise<void> {
  const login = await loginWithCheck(credentials, ports, refusal === undefined ? 'everywhere' : 'once');
  if (login.kind === 'accepted') {
    return;
  }
  if (refusal !== undefined) {
    endWith(refusal);
  }
  const said = 'answer' in reported ? reported.answer : 'The cluster reported success and rejects the login.';
  endWith(failed(UNSETTLED, `It is not known whether ${unknown} ${said}`, 'The new password is stored.'));
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
  const granted = await catchKnown(readRoles(admin, username, cluster), FailureError);
  return granted instanceof FailureError ? roles : roles.filter((role) => granted?.includes(role) !== true);
}
