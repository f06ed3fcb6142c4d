import type { Admin, Credentials } from '../../protocol/cluster/cluster.ts';
import { type ClearRefusal, clearRefusal, proofOf } from '../../protocol/cluster/refusal.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { endIfInterrupted, endWith, type Failure, failed } from '../outcome/failure.ts';
import { MAY_REJECT_EVERY_LOGIN, type UsableAdmin } from './admin.ts';
import type { ChangePorts } from './change-ports.ts';
import { type PlanStep, UnsettledError } from './step.ts';


/**
 * Has the admin set a password that is stored already, so that the next command or rotation finds
 * it after any interruption. Proves the password by logins.
 *
 * @param user the name, if it may be printed
 */
export function resetPassword({ admin, adminSecret }: UsableAdmin, credentials: Credentials, user: string): PlanStep {
  return {
    kind: 'reset-password',
    text: `Set this password for ${user} at ${credentials.endpoint.url} with the credential in ${adminSecret}`,
    run: (ports) => reset(admin, credentials, user, ports),
  };
}

async function reset(admin: Admin, credentials: Credentials, user: string, ports: ChangePorts): Promise<void> {
  endIfInterrupted(ports);
  const answer = await ports.cluster.resetPassword(admin, credentials.username, credentials.password);
  const refusal = clearRefusal(answer);
  // The command ends after the change, so every proxy must know the password then.
  const login = await loginWithCheck(credentials, ports, proofOf(answer) === 'once' ? 'once' : 'everywhere');
  if (login.kind === 'accepted') {
    return;
  }
  if (refusal !== undefined) {
    endWith(explainRefusal(credentials, user, refusal, ports.secretId));
  }
  const said = answer.kind === 'changed' ? 'The cluster reported success and rejects the login.' : answer.answer;
  throw new UnsettledError(
    `It is not known whether ${user} has the new password. ${said}`,
    'The new password is stored in a version with a sent label.',
  );
}

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
