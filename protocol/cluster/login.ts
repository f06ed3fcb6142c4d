import { type Cluster, ClusterUnavailableError, type Credentials, type Login } from './cluster.ts';

/** What the cluster says about one password. */
export type LoginAnswer = Exclude<Login, { kind: 'forbidden' }> | UndecidedLogin;

/** The cluster neither accepts nor rejects the password. No caller may act on such an answer. */
export interface UndecidedLogin {
  readonly kind: 'undecided';
  /** `stopped`: the caller has no time for a request, or was interrupted. */
  readonly reason: ClusterUnavailableError['kind'] | 'forbidden' | 'stopped';
  readonly explanation: string;
}

/** `not-enforced`: the cluster accepts a wrong password too, so no login proves anything. */
export type UnprovenLogin = UndecidedLogin | { readonly kind: 'not-enforced' };

export interface LoginPorts {
  readonly cluster: Pick<Cluster, 'authenticates'>;
  readonly clock: LoginClock;
  /** A password that nobody has. */
  readonly newPassword: () => string;
  /** Milliseconds that a changed password may need to reach every proxy of the cluster. */
  readonly propagationMs: number;
  /** Why no request may start after a pause. `undefined`: a request may start. */
  readonly reasonToStop: (pauseMs: number) => string | undefined;
  readonly report: (event: LoginEvent) => void;
}

/**
 * - `search-repeated`: no password was accepted, so each password is tried once more after a pause.
 * - `login-awaited`: the cluster still rejects the new password, so the login is repeated.
 */
export type LoginEvent = { event: 'search-repeated'; waitMs: number } | { event: 'login-awaited'; tries: number };

export interface LoginClock {
  /** Milliseconds from any origin. Never runs backwards. */
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

/** ASSUMPTION zilliz-propagation */
export const DEFAULT_PROPAGATION_MS = 10_000;

/**
 * Milliseconds between the two logins with each password that must both be rejected. A proxy that
 * is up to five seconds late accepts the new password by then.
 */
const SECOND_LOGIN_AFTER_MS = 6000;

/**
 * - `twice`: for a password that no change precedes, so slow proxies are not waited for. After a
 *   rejection, logs in once more.
 * - `until accepted`: for a password that may just have been set.
 * - `everywhere`: until so many logins in a row are accepted that the proxies know the password.
 */
export type LoginTries = 'once' | 'twice' | 'until accepted' | 'everywhere';

export async function logIn(
  ports: LoginPorts,
  credentials: Credentials,
  tries: LoginTries = 'once',
): Promise<LoginAnswer> {
  switch (tries) {
    case 'once':
      return await logInOnce(ports, credentials);
    case 'twice':
      return await logInTwice(ports, credentials);
    case 'until accepted':
      return await logInRepeatedly(ports, credentials, () => 1);
    case 'everywhere':
      return await logInRepeatedly(ports, credentials, loginsInARow);
  }
}

async function logInOnce({ cluster, reasonToStop }: LoginPorts, credentials: Credentials): Promise<LoginAnswer> {
  const stopped = reasonToStop(0);
  if (stopped !== undefined) {
    return { kind: 'undecided', reason: 'stopped', explanation: stopped };
  }
  try {
    const login = await cluster.authenticates(credentials);
    return login.kind === 'forbidden'
      ? { kind: 'undecided', reason: 'forbidden', explanation: describeForbiddenLogin(credentials) }
      : login;
  } catch (error) {
    if (error instanceof ClusterUnavailableError) {
      return { kind: 'undecided', reason: error.kind, explanation: error.message };
    }
    throw error;
  }
}

/**
 * The reason for second logins: a Milvus proxy rejects every password of a user that is not in its
 * cache while it cannot reach its root coordinator. ASSUMPTION milvus-no-coordinator
 */
export async function waitForSecondLogins({ clock, report }: LoginPorts): Promise<void> {
  report({ event: 'search-repeated', waitMs: SECOND_LOGIN_AFTER_MS });
  await clock.wait(SECOND_LOGIN_AFTER_MS);
}

async function logInTwice(ports: LoginPorts, credentials: Credentials): Promise<LoginAnswer> {
  const answer = await logInOnce(ports, credentials);
  if (answer.kind !== 'rejected') {
    return answer;
  }
  await waitForSecondLogins(ports);
  return await logInOnce(ports, credentials);
}

/**
 * After an accepted login, checks that the cluster rejects a wrong password of the same user.
 * ASSUMPTION milvus-authorization-off, ASSUMPTION zilliz-no-lockout
 *
 * @returns undefined if the cluster rejects it, so that the accepted login is a proof.
 */
export async function checkEnforcement(
  ports: LoginPorts,
  credentials: Credentials,
): Promise<UnprovenLogin | undefined> {
  const wrong = await logInOnce(ports, { ...credentials, password: ports.newPassword() });
  if (wrong.kind === 'accepted') {
    return { kind: 'not-enforced' };
  }
  return wrong.kind === 'undecided' ? wrong : undefined;
}

/**
 * How many logins in a row must have one answer, as before AWSCURRENT may move, each over a
 * connection of its own, because a load balancer assigns a proxy to each connection. If half of the
 * proxies do not know the new password yet, the chance that three logins all miss these proxies is
 * 1/8. A rotation needs three logins in testSecret and three in finishSecret: the chance is 1/64.
 *
 * Another answer shows that some proxies are late. The logins are then repeated, and each
 * repetition can miss the late proxies, so more logins are needed. With eight, the chance is 1/256.
 */
export function loginsInARow(otherAnswerBefore: boolean): number {
  return otherAnswerBefore ? 8 : 3;
}

/**
 * @param needed how many logins in a row must be accepted.
 * @returns `rejected` if the cluster still rejects the password after `propagationMs`, or if no
 * time is left to ask again.
 */
async function logInRepeatedly(
  ports: LoginPorts,
  credentials: Credentials,
  needed: (rejectedBefore: boolean) => number,
): Promise<LoginAnswer> {
  const { clock, reasonToStop } = ports;
  const until = clock.now() + ports.propagationMs;
  let accepted = 0;
  for (let rejections = 0, pause = 100; ; ) {
    const answer = await logInOnce(ports, credentials);
    if (answer.kind === 'undecided') {
      return answer;
    }
    if (answer.kind === 'accepted') {
      accepted += 1;
      if (accepted >= needed(rejections > 0)) {
        return answer;
      }
      continue;
    }
    accepted = 0;
    rejections += 1;
    if (clock.now() + pause > until || reasonToStop(pause) !== undefined) {
      return answer;
    }
    ports.report({ event: 'login-awaited', tries: rejections });
    await clock.wait(pause);
    pause = Math.min(pause * 2, 2000);
  }
}

/** Without the name of the user, which may be a password in the wrong key. */
function describeForbiddenLogin({ endpoint }: Credentials): string {
  return `${endpoint.url} answers PERMISSION_DENIED to the login, which says nothing about the credential.`;
}
