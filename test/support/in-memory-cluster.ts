import {
  type Admin,
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Credentials,
  type Login,
} from '../../cluster/cluster.ts';

const WRONG_OLD_PASSWORD: Change = {
  kind: 'refused',
  reason: 'old-password',
  answer: 'UpdateCredentialFailure 1400: old password not correct',
};

/**
 * The users of a Milvus cluster, in memory. Passes the same contract suite as the real adapter.
 *
 * Tests set the public fields to simulate an administrator, a network failure or a proxy with an old cache.
 */
export class InMemoryCluster implements Cluster {
  readonly host: string;
  authorization = true;
  reachable = true;
  superUsers: readonly string[] = [];
  /** The cluster's password policy. It applies in addition to Milvus's limits on the length. */
  refuses: (password: string) => boolean = () => false;
  /** After a change, this many logins are still checked against the previous password, as by a proxy with a cache. */
  staleLogins = 0;
  /** Everything that was sent, in order. */
  readonly received: Array<{ host: string; username: string; password: string }> = [];
  private readonly users = new Map<string, { password: string; previous: string }>();
  private staleLoginsLeft = 0;

  constructor(host = '127.0.0.1') {
    this.host = host;
  }

  addUser(username: string, password: string): this {
    this.users.set(username, { password, previous: password });
    return this;
  }

  passwordOf(username: string): string | undefined {
    return this.users.get(username)?.password;
  }

  /** Sets a password outside of the secret: a reset, a restored backup, or the rotation of another secret. */
  setByHand(username: string, password: string): void {
    this.users.set(username, { password, previous: password });
  }

  /** Makes the last change known to every proxy. */
  propagate(): void {
    this.staleLoginsLeft = 0;
  }

  authenticates(credentials: Credentials): Promise<Login> {
    return this.answer(credentials, (password) => {
      this.received.push({ host: credentials.endpoint.host, username: credentials.username, password });
      return this.logsIn(credentials.username, password) ? { kind: 'accepted', roles: [] } : { kind: 'rejected' };
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
        return WRONG_OLD_PASSWORD;
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
        return { kind: 'refused', reason: 'old-password', answer: 'gRPC 16: auth check failure' };
      }
      if (!this.superUsers.includes(caller.username) || !this.users.has(username)) {
        return WRONG_OLD_PASSWORD;
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
    this.users.set(username, { password, previous });
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
    return user?.password === password;
  }

  private async answerChange(to: Credentials, decide: (password: string) => Change): Promise<Change> {
    try {
      return await this.answer(to, decide);
    } catch (error) {
      return { kind: 'lost', answer: (error as ClusterUnavailableError).message };
    }
  }

  private answer<T>(to: Credentials, decide: (password: string) => T): Promise<T> {
    if (!this.reachable || to.endpoint.host !== this.host) {
      return Promise.reject(new ClusterUnavailableError('unreachable', to.endpoint, 'gRPC 14: connect ECONNREFUSED'));
    }
    return Promise.resolve(decide(to.password));
  }
}
