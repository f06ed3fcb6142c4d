import { ClusterUnavailableError, type Credentials, type Login } from '../cluster/cluster.ts';
import { describeForbiddenLogin, loginsInARow } from '../credential/login-rules.ts';
import type { RotatedPair } from './attempt.ts';
import { type InForce, RotationError } from './errors.ts';
import type { FailureCode } from './failures.ts';
import type { RotationPorts } from './ports.ts';

/** Milliseconds reserved for the answer and the log before Lambda stops the invocation. */
const MARGIN_MS = 1000;

/**
 * @param requests how many requests to the cluster, one after another, must still fit in.
 * @throws RotationError NOT_ENOUGH_TIME before a request starts that may not end in time.
 */
export function requireTimeFor(requests: number, ports: RotationPorts, inForce: InForce = 'not known'): void {
  const needed = requests * ports.settings.clusterTimeoutMs + MARGIN_MS;
  const remaining = ports.clock.remaining();
  if (remaining < needed) {
    throw new RotationError(
      'NOT_ENOUGH_TIME',
      `${Math.max(0, Math.floor(remaining))} ms remain of this invocation, and the next action may need ${needed} ms.`,
      inForce,
    );
  }
}

/**
 * Logs in once.
 *
 * @throws RotationError if the cluster neither accepts nor rejects the password: it is
 * unreachable, silent or not ready, or it forbids the answer. No caller may act on such an answer.
 */
export async function canLogIn(ports: RotationPorts, credentials: Credentials, inForce?: InForce): Promise<boolean> {
  requireTimeFor(1, ports, inForce);
  const login = await authenticate(ports, credentials, inForce);
  if (login.kind === 'forbidden') {
    throw new RotationError('CLUSTER_FORBIDS', describeForbiddenLogin(credentials), inForce);
  }
  return login.kind === 'accepted';
}

/**
 * Logs in until the cluster accepts a password that may just have been set. See {@link
 * awaitLogins}.
 */
export async function canLogInAfterChange(ports: RotationPorts, credentials: Credentials): Promise<boolean> {
  return await awaitLogins(ports, credentials, () => 1);
}

/**
 * Logs in until so many logins in a row are accepted that the proxies know the password. See
 * {@link awaitLogins}.
 */
export async function canLogInEverywhere(ports: RotationPorts, credentials: Credentials): Promise<boolean> {
  return await awaitLogins(ports, credentials, loginsInARow);
}

/**
 * @param needed how many logins in a row must be accepted.
 * @returns false if the cluster still rejects the password after `propagationMs`, or if no time is
 * left to ask again.
 */
async function awaitLogins(
  ports: RotationPorts,
  credentials: Credentials,
  needed: (rejected: boolean) => number,
): Promise<boolean> {
  const { clock, settings, report } = ports;
  const until = clock.now() + settings.propagationMs;
  let accepted = 0;
  for (let rejections = 0, pause = 100; ; ) {
    if (await canLogIn(ports, credentials)) {
      accepted += 1;
      if (accepted >= needed(rejections > 0)) {
        return true;
      }
      continue;
    }
    accepted = 0;
    rejections += 1;
    const timeForAnother = clock.remaining() - pause >= settings.clusterTimeoutMs + MARGIN_MS;
    if (clock.now() + pause > until || !timeForAnother) {
      return false;
    }
    report({ event: 'login-awaited', tries: rejections });
    await clock.wait(pause);
    pause = Math.min(pause * 2, 2000);
  }
}

const UNDECIDED: readonly FailureCode[] = [
  'CLUSTER_UNREACHABLE',
  'CLUSTER_NO_ANSWER',
  'CLUSTER_NOT_READY',
  'CLUSTER_FORBIDS',
  'NOT_ENOUGH_TIME',
];

/**
 * Before a change, these codes mean that nothing was changed. After a change, they do not tell
 * whether it happened.
 */
export function unsettledIfUndecided(error: unknown, { username, endpoint }: Credentials): unknown {
  return error instanceof RotationError && UNDECIDED.includes(error.code)
    ? new RotationError(
        'CHANGE_UNSETTLED',
        `The change of ${username} at ${endpoint.url} was asked for, and no login could tell how it ended (${error.message}).`,
      )
    : error;
}

/**
 * Logs in with the current password, after the cluster rejected the pending password that it had
 * accepted in setSecret.
 *
 * @returns the error, which says whether the current password is in force.
 */
export async function diagnoseRejectionByLogin(
  ports: RotationPorts,
  { current, pending }: RotatedPair,
): Promise<RotationError> {
  const { endpoint, username } = pending.credentials;
  const currentAccepted = await canLogIn(ports, current.credentials);
  const other = currentAccepted
    ? 'accepted'
    : 'rejected as well. Maybe the proxies cannot reach their root coordinator: then they reject every password';
  return new RotationError(
    'PENDING_REJECTED',
    `${endpoint.url} rejects the new password of ${username}; the current one is ${other}.`,
    currentAccepted ? 'current' : 'not known',
  );
}

const CODES = {
  unreachable: 'CLUSTER_UNREACHABLE',
  'no-answer': 'CLUSTER_NO_ANSWER',
  'not-ready': 'CLUSTER_NOT_READY',
} as const;

async function authenticate(
  { cluster }: RotationPorts,
  credentials: Credentials,
  inForce: InForce | undefined,
): Promise<Login> {
  try {
    return await cluster.authenticates(credentials);
  } catch (error) {
    throw error instanceof ClusterUnavailableError
      ? new RotationError(CODES[error.kind], error.message, inForce)
      : error;
  }
}
