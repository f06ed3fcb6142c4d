import type { Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import {
  checkEnforcement,
  DEFAULT_PROPAGATION_MS,
  type LoginAnswer,
  type LoginPorts,
  type LoginTries,
  logIn,
  type UnprovenLogin,
} from '../../protocol/cluster/login.ts';
import type { WallClock } from '../clock.ts';

export interface CommandLoginPorts {
  readonly cluster: Cluster;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  /** Returns a password that nobody has, of at most 72 bytes. */
  readonly randomId: () => string;
  /** As the rotation function is configured. @default DEFAULT_PROPAGATION_MS */
  readonly propagationMs?: number | undefined;
}

/** After Ctrl-C, no login is repeated. */
export function toLoginPorts({ cluster, clock, interrupted, randomId, propagationMs }: CommandLoginPorts): LoginPorts {
  return {
    cluster,
    clock: { now: clock.now, wait: (milliseconds) => clock.sleep(milliseconds, interrupted) },
    newPassword: randomId,
    propagationMs: propagationMs ?? DEFAULT_PROPAGATION_MS,
    reasonToStop: (pauseMs) => (pauseMs > 0 && interrupted.aborted ? 'The command was interrupted.' : undefined),
    report: () => undefined,
  };
}

/** Logs in. After a success, checks that the cluster rejects a wrong password. */
export async function loginWithCheck(
  credentials: Credentials,
  ports: CommandLoginPorts,
  tries?: LoginTries,
): Promise<LoginAnswer | UnprovenLogin> {
  const shared = toLoginPorts(ports);
  const login = await logIn(shared, credentials, tries);
  return (login.kind === 'accepted' && (await checkEnforcement(shared, credentials))) || login;
}

/** Whether the cluster rejects a credential twice, because one proxy may learn late of it. */
export async function isRejected(credentials: Credentials, ports: CommandLoginPorts): Promise<boolean> {
  const login = await logIn(toLoginPorts(ports), credentials, 'twice');
  return login.kind === 'rejected';
}
