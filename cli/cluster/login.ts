import { type Cluster, ClusterUnavailableError, type Credentials, type Login } from '../../protocol/cluster/cluster.ts';
import { describeForbiddenLogin, loginsInARow } from '../../protocol/credential/login-rules.ts';
import type { WallClock } from '../clock.ts';
import { catchKnown } from '../outcome/catch-known.ts';

/**
 * `unavailable`: the cluster gave no usable answer. Only `accepted` and `rejected` say something
 * about the password.
 */
export type LoginAnswer =
  | Exclude<Login, { kind: 'forbidden' }>
  | { kind: 'forbidden' | 'unavailable'; explanation: string };

/** `not-enforced`: the cluster accepts wrong passwords too, because authorization is off. */
export type CheckedLogin = LoginAnswer | { kind: 'not-enforced' };

export interface LoginPorts {
  readonly cluster: Cluster;
  /** Returns a password that nobody has, of at most 72 bytes. */
  readonly randomId: () => string;
}

/** Logs in once. */
export async function loginOnce(cluster: Cluster, credentials: Credentials): Promise<LoginAnswer> {
  const login = await catchKnown(cluster.authenticates(credentials), ClusterUnavailableError);
  if (login instanceof ClusterUnavailableError) {
    return { kind: 'unavailable', explanation: login.message };
  }
  return login.kind === 'forbidden' ? { kind: 'forbidden', explanation: describeForbiddenLogin(credentials) } : login;
}

/** Logs in. After a success, checks that the cluster rejects a wrong password. */
export async function loginWithCheck(
  credentials: Credentials,
  { cluster, randomId }: LoginPorts,
): Promise<CheckedLogin> {
  const answer = await loginOnce(cluster, credentials);
  if (answer.kind !== 'accepted') {
    return answer;
  }
  const check = await loginOnce(cluster, { ...credentials, password: randomId() });
  if (check.kind === 'accepted') {
    return { kind: 'not-enforced' };
  }
  return check.kind === 'rejected' ? answer : check;
}

/** How long the proxies of a cluster may still reject a new password. */
const PROPAGATION_MS = 10_000;
const PAUSE_MS = 1000;

/**
 * Logs in until so many logins in a row are accepted that every proxy of the cluster knows the
 * password. Repeats the logins for 10 s while the cluster rejects some of them.
 */
export async function loginEverywhere(
  credentials: Credentials,
  ports: LoginPorts & { readonly clock: WallClock; readonly interrupted: AbortSignal },
): Promise<CheckedLogin> {
  const { cluster, clock, interrupted } = ports;
  const until = clock.now() + PROPAGATION_MS;
  let rejected = false;
  for (let accepted = 0; ; ) {
    const answer = await (accepted === 0 ? loginWithCheck(credentials, ports) : loginOnce(cluster, credentials));
    if (answer.kind === 'accepted') {
      accepted += 1;
      if (accepted === loginsInARow(rejected)) {
        return answer;
      }
    } else if (answer.kind !== 'rejected' || clock.now() >= until || interrupted.aborted) {
      return answer;
    } else {
      accepted = 0;
      rejected = true;
      await clock.sleep(PAUSE_MS, interrupted);
    }
  }
}
