import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import type { Clock } from '../clock.ts';
import { type LoginResult, login } from './login.ts';

/** How long a new password may take to reach every proxy of a cluster, before a rejection is believed. */
const PROPAGATION_MS = 10_000;
const STEP_MS = 1000;

export interface PatiencePorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** A password that nobody has. */
  readonly randomId: () => string;
}

/** Logs in with a password that was just set, and asks again for a while when it is rejected. */
export async function loginPatiently(
  credentials: Credentials,
  { cluster, clock, interrupted, randomId }: PatiencePorts,
  patienceMs: number = PROPAGATION_MS,
): Promise<LoginResult> {
  const until = clock.now() + patienceMs;
  for (;;) {
    const result = await login(cluster, credentials, randomId());
    if (result.kind !== 'rejected' || clock.now() >= until || interrupted.aborted) {
      return result;
    }
    await clock.sleep(STEP_MS, interrupted);
  }
}
