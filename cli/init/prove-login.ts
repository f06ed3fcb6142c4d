import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { CheckedLogin } from '../../protocol/cluster/login.ts';
import { loginEverywhere, loginWithCheck } from '../cluster/login.ts';
import { type Failure, failed, refused, unconfirmed } from '../outcome/failure.ts';

/**
 * Logs in with a credential that the secret holds now.
 *
 * @returns `undefined` if the cluster accepts it
 */
export async function proveLogin(
  credentials: Credentials,
  ports: Parameters<typeof loginEverywhere>[1],
): Promise<Failure | undefined> {
  const login = await loginEverywhere(credentials, ports);
  if (login.kind === 'accepted') {
    return undefined;
  }
  const { username, endpoint } = credentials;
  return login.kind === 'rejected'
    ? failed(
        'login-rejected',
        `${endpoint.url} rejects the stored password of ${username}, which it accepted before.`,
        'Somebody else may have changed it.',
      )
    : unconfirmed(
        'undecided',
        `The last login of ${username} proved nothing. ${reasonOf(login)}`,
        'Run the command on a machine that reaches the cluster.',
      );
}

export function reasonOf(login: Exclude<CheckedLogin, { kind: 'accepted' }>): string {
  switch (login.kind) {
    case 'rejected':
      return 'The cluster reported success and rejects the login.';
    case 'not-enforced':
      return 'The cluster accepts a wrong password too, so a login proves nothing.';
    case 'undecided':
      return login.explanation;
  }
}

/**
 * Logs in with a password that the operator has given.
 *
 * @returns the roles of the user
 */
export async function proveGivenPassword(
  credentials: Credentials,
  ports: Parameters<typeof loginWithCheck>[1],
): Promise<readonly string[] | Failure> {
  const { endpoint, username } = credentials;
  const login = await loginWithCheck(credentials, ports);
  switch (login.kind) {
    case 'accepted':
      return login.roles;
    case 'rejected':
      return refused(
        'password-rejected',
        `${endpoint.url} rejects the given password of ${username}, or has no such user.`,
        'Nothing was changed. Repeat the command with the right password. To create the user, give --admin-secret.',
      );
    case 'not-enforced':
      return failed(
        'authorization-off',
        'The cluster accepts a password that nobody has. Authorization is off, so no login proves anything.',
        'Nothing was changed. Switch authorization on (common.security.authorizationEnabled), then repeat the command.',
      );
    case 'undecided':
      return unconfirmed(
        'undecided',
        login.explanation,
        'Nothing was changed. Run the command on a machine that reaches the cluster.',
      );
  }
}
