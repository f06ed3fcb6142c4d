import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type CheckedLogin, loginEverywhere } from '../cluster/login.ts';
import { type Failure, failed, unconfirmed } from '../outcome/failure.ts';

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
    case 'forbidden':
    case 'unavailable':
      return login.explanation;
  }
}
