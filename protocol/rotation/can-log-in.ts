import type { Credentials } from '../cluster/cluster.ts';
import {
  checkEnforcement,
  type LoginPorts,
  type LoginTries,
  logIn,
  type UndecidedLogin,
  type UnprovenLogin,
} from '../cluster/login.ts';
import { type AcceptedSearch, findAccepted } from '../credential/find-accepted.ts';
import type { UsableCredential } from '../credential/stored-credential.ts';
import { formOf } from '../secret/credential-form.ts';
import { type AcceptedVersion, RotationError } from './errors.ts';
import type { FailureCode } from './failures.ts';
import type { RotationPorts } from './ports.ts';
import { readPorts } from './read-versions.ts';
import type { Attempt, PendingAttempt } from './strategies/strategy.ts';

/**
 * Whether the cluster accepts a credential.
 *
 * @throws RotationError if the cluster neither accepts nor rejects it.
 */
export async function canLogIn(ports: RotationPorts, credentials: Credentials, tries?: LoginTries): Promise<boolean> {
  const login = await logIn(loginPorts(ports), credentials, tries);
  if (login.kind === 'undecided') {
    throw unprovenError(login, credentials);
  }
  return login.kind === 'accepted';
}

/**
 * Requires that the cluster rejects a wrong password of a user whose login it has just accepted.
 * With authorization switched off, Milvus accepts every token, so a login alone proves nothing.
 *
 * @throws RotationError AUTHORIZATION_OFF, or as {@link canLogIn}
 */
export async function requireAuthorization(ports: RotationPorts, credentials: Credentials): Promise<void> {
  const unproven = await checkEnforcement(loginPorts(ports), credentials);
  if (unproven !== undefined) {
    throw unprovenError(unproven, credentials);
  }
}

const UNDECIDED_CODES = {
  unreachable: 'CLUSTER_UNREACHABLE',
  'no-answer': 'CLUSTER_NO_ANSWER',
  'not-ready': 'CLUSTER_NOT_READY',
  forbidden: 'CLUSTER_FORBIDS',
  stopped: 'NOT_ENOUGH_TIME',
} as const satisfies Record<UndecidedLogin['reason'], FailureCode>;

/** The error of a login that says nothing about the password. */
function unprovenError(login: UnprovenLogin, { endpoint }: Credentials): RotationError {
  return login.kind === 'undecided'
    ? new RotationError(UNDECIDED_CODES[login.reason], login.explanation)
    : new RotationError('AUTHORIZATION_OFF', `${endpoint.url} accepts a credential that nobody has.`);
}

/**
 * The error after a change was requested and no login could tell how the change ended. Before a
 * change, these codes mean that nothing was changed.
 */
export function changeUnsettled(error: unknown, { username, endpoint }: Credentials): unknown {
  return error instanceof RotationError && Object.values<FailureCode>(UNDECIDED_CODES).includes(error.code)
    ? new RotationError(
        'CHANGE_UNSETTLED',
        `The change of ${username} at ${endpoint.url} was asked for, and no login could tell how it ended (${error.message}).`,
      )
    : error;
}

/**
 * Finds the stored password that the cluster accepts for one user of the secret.
 *
 * @param known versions that were read already.
 * @throws RotationError at the first answer that neither accepts nor rejects, or if the time runs
 * out, because the cluster may accept the password of a version that was not tried.
 */
export async function searchStoredPasswords(
  ports: RotationPorts,
  { description, token, pins }: Attempt,
  user: UsableCredential['credentials'],
  known: readonly UsableCredential[],
): Promise<Extract<AcceptedSearch, { kind: 'found' | 'none' }>> {
  const pendingId = known.some(({ versionId }) => versionId === token) ? token : undefined;
  const search = await findAccepted(description, { pendingId, known }, user, {
    ...readPorts(ports, pins),
    ...loginPorts(ports),
    store: ports.store,
    report: ports.report,
  });
  if (search.kind === 'undecided' || search.kind === 'not-enforced') {
    throw unprovenError(search, user);
  }
  return search;
}

/**
 * Requires that all proxies accept the pending credential. If not, logs in with the current one.
 *
 * @throws RotationError PENDING_REJECTED, which says whether the cluster accepts the current one.
 */
export async function requirePendingAccepted(
  ports: RotationPorts,
  { current, pending }: PendingAttempt,
): Promise<void> {
  if (await canLogIn(ports, pending.credentials, 'everywhere')) {
    return;
  }
  const { endpoint, username } = pending.credentials;
  const rejected = formOf(pending.credentials).secretOf(username);
  const currentAccepted = await canLogIn(ports, current.credentials);
  const other = currentAccepted
    ? 'accepted'
    : 'rejected as well. Maybe the proxies cannot reach their root coordinator: then they reject every credential';
  throw new RotationError(
    'PENDING_REJECTED',
    `${endpoint.url} rejects ${rejected} in AWSPENDING; the credential in AWSCURRENT is ${other}.`,
    currentAccepted ? 'current' : 'not known',
  );
}

function loginPorts(ports: RotationPorts): LoginPorts {
  const { cluster, clock, newPassword, config, report } = ports;
  return {
    cluster,
    clock,
    newPassword,
    propagationMs: config.propagationMs,
    reasonToStop: (pauseMs) => reasonToStop(1, pauseMs, ports),
    report,
  };
}

/** Milliseconds reserved for the answer and the log before Lambda stops the invocation. */
const MARGIN_MS = 1000;

/**
 * @param requests how many requests to the cluster, one after another, must still fit in.
 * @throws RotationError NOT_ENOUGH_TIME before a request starts that may not end in time.
 */
export function requireTimeFor(requests: number, ports: RotationPorts, accepted: AcceptedVersion): void {
  const reason = reasonToStop(requests, 0, ports);
  if (reason !== undefined) {
    throw new RotationError('NOT_ENOUGH_TIME', reason, accepted);
  }
}

function reasonToStop(requests: number, pauseMs: number, { clock, config }: RotationPorts): string | undefined {
  const needed = requests * config.clusterTimeoutMs + MARGIN_MS;
  const remaining = clock.remaining() - pauseMs;
  return remaining < needed
    ? `${Math.max(0, Math.floor(remaining))} ms remain of this invocation, and the next action may need ${needed} ms.`
    : undefined;
}
