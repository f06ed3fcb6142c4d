import { type Cluster, ClusterUnavailableError, type Credentials } from '../../cluster/cluster.ts';

/**
 * What came of logging in. `not-enforced`: the cluster let a wrong password in too, so that its yes proves nothing;
 * authorization is switched off. `unavailable`: no answer that counts, and `explanation` says why.
 */
export type LoginResult =
  | { kind: 'accepted'; roles: readonly string[] }
  | { kind: 'rejected' }
  | { kind: 'forbidden' }
  | { kind: 'not-enforced' }
  | { kind: 'unavailable'; explanation: string };

/**
 * Logs in once, and takes a yes for proof only when a password that nobody has is refused.
 *
 * @param wrongPassword a password that nobody has; random, at most 72 bytes.
 */
export async function login(cluster: Cluster, credentials: Credentials, wrongPassword: string): Promise<LoginResult> {
  const answer = await attempt(cluster, credentials);
  if (answer.kind !== 'accepted') {
    return answer;
  }
  const check = await attempt(cluster, { ...credentials, password: wrongPassword });
  switch (check.kind) {
    case 'accepted':
      return { kind: 'not-enforced' };
    case 'unavailable':
      return check;
    case 'rejected':
    case 'forbidden':
      return answer;
  }
}

/** One login, without the check. */
export async function attempt(
  cluster: Cluster,
  credentials: Credentials,
): Promise<Exclude<LoginResult, { kind: 'not-enforced' }>> {
  try {
    return await cluster.authenticates(credentials);
  } catch (error) {
    if (error instanceof ClusterUnavailableError) {
      return { kind: 'unavailable', explanation: error.message };
    }
    throw error;
  }
}
