import {
  type Admin,
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Credentials,
  type Login,
} from '../../protocol/cluster/cluster.ts';

const WRONG_OLD_PASSWORD: Change = {
  kind: 'refused',
  reason: 'old-password',
  answer: 'UpdateCredentialFailure 1400: old password not correct',
};

const UNAUTHENTICATED: Change = { kind: 'refused', reason: 'unauthenticated', answer: 'gRPC 16: auth check failure' };

const UNKNOWN_USER: Change = {
  kind: 'refused',
  reason: 'unknown-user',
  answer: 'UnexpectedError 65535: failed to check if update credential: user not found',
};

interface User {
  readonly password: string;
  readonly previous: string;
  /** Milliseconds on the clock of the proxies. */
  readonly changedAt: number;
}

/** Proxies that learn of a change at different times. A login may reach any of them. */
export interface Proxies {
  /** Milliseconds from a change until each proxy knows it. */
  readonly delaysMs: readonly number[];
  readonly now: () => number;
  /** Chooses the proxy of the next login: an index below `count`. */
  readonly choose: (count: number) => number;
}

/**
 * The users of a Milvus cluster, in memory. Passes the same contract suite as the real adapter.
 *
 * Tests set the public fields to simulate an administrator, a network failure or a proxy with an
 * old cache.
 */
export class InMemoryCluster implements Cluster {
  readonly host: string;
  authorization = true;
  reachable = true;
  superUsers: readonly string[] = [];
  /** Roles by user. Default: none. */
  roles: Readonly<Record<string, readonly string[]>> = {};
  /** The cluster's password policy. It applies in addition to Milvus's limits on the length. */
  refuses: (password: string) => boolean = () => false;
  /** After a change, this many logins are checked against the previous password. */
  staleLogins = 0;
  /** The proxies behind the load balancer. Default: one proxy that knows every change at once. */
  proxies: Proxies | undefined;
  /** Whether a text is a valid API key of the cluster. */
  acceptsKey: (key: string) => boolean = () => false;
  /** The host of each request, also of one to another host than this cluster. */
  readonly requestedHosts: string[] = [];
  /** Everything that was sent, in order. */
  readonly received: Array<{ host: string; username: string; password: string }> = [];
  private readonly users = new Map<string, User>();
  private staleLoginsLeft = 0;

  constructor(host = '127.0.0.1') {
    this.host = host;
  }

  addUser(username: string, password: string): this {
    this.setByHand(username, password);
    return this;
  }

  dropUser(username: string): void {
    this.users.delete(username);
  }

  /** The accepted password of each user. */
  get passwords(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.users].map(([username, { password }]) => [username, password]));
  }

  passwordOf(username: string): string | undefined {
    return this.users.get(username)?.password;
  }

  /** Sets a password as a reset, a restored backup or the rotation of another secret does. */
  setByHand(username: string, password: string): void {
    this.users.set(username, { password, previous: password, changedAt: 0 });
  }

  /** Whether every proxy knows the last change of this user's password. */
  everyProxyKnows(username: string): boolean {
    const changedAt = this.users.get(username)?.changedAt ?? 0;
    const { delaysMs = [], now = () => 0 } = this.proxies ?? {};
    return delaysMs.every((delayMs) => now() - changedAt >= delayMs);
  }

  /** Makes the last change known to every proxy. */
  propagate(): void {
    this.staleLoginsLeft = 0;
    this.proxies = undefined;
  }

  authenticates(credentials: Credentials): Promise<Login> {
    return this.answer(credentials, (password) => {
      this.received.push({ host: credentials.endpoint.host, username: credentials.username, password });
      if (credentials.form === 'api-key') {
        return this.acceptsKey(password) || !this.authorization
          ? { kind: 'accepted', roles: [] }
          : { kind: 'rejected' };
      }
      return this.logsIn(credentials.username, password)
        ? { kind: 'accepted', roles: this.roles[credentials.username] ?? [] }
        : { kind: 'rejected' };
    });
  }

  changePassword(credentials: Credentials, newPassword: string): Promise<Change> {
    return this.answerChange(credentials, (password) => {
      const { endpoint, username } = credentials;
      this.received.push(
        { host: endpoint.host, username, password },
        { host: endpoint.host, username, password: newPassword },
      );
      const user = this.users.get(username);
      if (user?.password !== password) {
        return UNAUTHENTICATED;
      }
      return this.change(username, newPassword);
    });
  }

  resetPassword(admin: Admin, username: string, newPassword: string): Promise<Change> {
    const colon = admin.token.indexOf(':');
    const caller = {
      endpoint: admin.endpoint,
      username: admin.token.slice(0, colon),
      password: admin.token.slice(colon + 1),
    };
    return this.answerChange(caller, (password) => {
      this.received.push({ host: admin.endpoint.host, username, password: newPassword });
      if (!this.logsIn(caller.username, password)) {
        return UNAUTHENTICATED;
      }
      if (!this.superUsers.includes(caller.username)) {
        return WRONG_OLD_PASSWORD;
      }
      if (!this.users.has(username)) {
        return UNKNOWN_USER;
      }
      return this.change(username, newPassword);
    });
  }

  private change(username: string, password: string): Change {
    const bytes = Buffer.byteLength(password);
    if (password.length < 6 || bytes > 72 || this.refuses(password)) {
      return { kind: 'refused', reason: 'new-password', answer: 'UnexpectedError 1100: invalid password' };
    }
    const previous = this.users.get(username)?.password ?? password;
    this.users.set(username, { password, previous, changedAt: this.proxies?.now() ?? 0 });
    this.staleLoginsLeft = this.staleLogins;
    return { kind: 'changed' };
  }

  private logsIn(username: string, password: string): boolean {
    if (!this.authorization) {
      return true;
    }
    const user = this.users.get(username);
    if (this.staleLoginsLeft > 0) {
      this.staleLoginsLeft -= 1;
      return user?.previous === password;
    }
    return (user !== undefined && this.isKnownTo(user) ? user.password : user?.previous) === password;
  }

  /** Whether the proxy that gets this login knows the last change. */
  private isKnownTo({ changedAt }: User): boolean {
    if (this.proxies === undefined) {
      return true;
    }
    const { delaysMs, now, choose } = this.proxies;
    return now() - changedAt >= (delaysMs[choose(delaysMs.length)] ?? 0);
  }

  private async answerChange(to: Credentials, decide: (password: string) => Change): Promise<Change> {
    try {
      return await this.answer(to, decide);
    } catch (error) {
      return { kind: 'lost', answer: (error as ClusterUnavailableError).message };
    }
  }

  private answer<T>(to: Credentials, decide: (password: string) => T): Promise<T> {
    this.requestedHosts.push(to.endpoint.host);
    if (!this.reachable || to.endpoint.host !== this.host) {
      return Promise.reject(new ClusterUnavailableError('unreachable', to.endpoint, 'gRPC 14: connect ECONNREFUSED'));
    }
    return Promise.resolve(decide(to.password));
  }
}
