import { ClusterUnavailableError, type Credentials } from '../../cluster/cluster.ts';
import { type FailureCode, type InForce, RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';

/** Milliseconds kept back to answer Secrets Manager and to log before the invocation is ended from outside. */
const MARGIN_MS = 1000;

/**
 * @throws RotationError NOT_ENOUGH_TIME, before anything is begun that could not be finished.
 * @param requests how many requests to the cluster, one after another, must still fit in.
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
 * A yes or a no of the cluster to one password.
 *
 * @throws RotationError when it is neither: unreachable, silent, not ready, forbidden. Nobody may act on those.
 */
export async function accepts(ports: RotationPorts, credentials: Credentials, inForce?: InForce): Promise<boolean> {
  requireTimeFor(1, ports, inForce);
  try {
    const login = await ports.cluster.authenticates(credentials);
    if (login.kind === 'forbidden') {
      throw new RotationError(
        'CLUSTER_FORBIDS',
        `${credentials.endpoint.url} answers PERMISSION_DENIED to a login of ${credentials.username}, which says nothing about the password.`,
        inForce,
      );
    }
    return login.kind === 'accepted';
  } catch (error) {
    throw asRotationError(error, inForce);
  }
}

/**
 * Waits until the cluster accepts a password that has just been set: its proxies may learn of it one by one.
 *
 * @returns false when it is still rejected after `propagationMs`, or when there is no time left to ask again.
 */
export async function acceptsInTime(ports: RotationPorts, credentials: Credentials): Promise<boolean> {
  const { clock, settings, report } = ports;
  const until = clock.now() + settings.propagationMs;
  for (let tries = 1, pause = 100; ; tries++, pause = Math.min(pause * 2, 2000)) {
    if (await accepts(ports, credentials)) {
      return true;
    }
    const roomToAskAgain = clock.remaining() - pause >= settings.clusterTimeoutMs + MARGIN_MS;
    if (clock.now() + pause > until || !roomToAskAgain) {
      return false;
    }
    report({ event: 'login-awaited', tries });
    await clock.wait(pause);
  }
}

const CODES = {
  unreachable: 'CLUSTER_UNREACHABLE',
  'no-answer': 'CLUSTER_NO_ANSWER',
  'not-ready': 'CLUSTER_NOT_READY',
} as const satisfies Record<ClusterUnavailableError['kind'], FailureCode>;

function asRotationError(error: unknown, inForce: InForce | undefined): unknown {
  return error instanceof ClusterUnavailableError
    ? new RotationError(CODES[error.kind], error.message, inForce)
    : error;
}
