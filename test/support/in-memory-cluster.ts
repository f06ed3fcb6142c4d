import {
  type Admin,
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Credentials,
  type Login,
} from '../../cluster/cluster.ts';

/**
 * A Milvus cluster's users in memory: it passes the contract suite that the adapter passes on a real server.
 * The fields are what an administrator, a network or a slow proxy can do to it.
 */
export class InMemoryCluster implements Cluster {
  readonly host: string;
  authorization = true;
  reachable = true;
  superUsers: readonly string[] = [];
  /** Passwords that the cluster's policy refuses, beside those that are too short or too long. */
  refuses: (password: string) => boolean = () => false;
  /** How many logins still see the password of before a change, as a proxy with an old cache does. */
  staleLogins = 0;
  /** Every host, user and password that was ever sent here. */
  readonly received: Array<{ host: string; username: string; password: string }> = [];
  private readonly users = new Map<string, { password: string; before: string }>();
  private stale = 0;

  constructor(host = '127.0.0.1') {
    this.host = host;
  }

  addUser(username: string, password: string): this {
    this.users.set(username, { password, before: password });
    return this;
  }

  passwordOf(username: string): string | undefined {
    return this.users.get(username)?.password;
  }

  /** An administrator's reset, a restored backup, or another secret's rotation. */
  setByHand(username: string, password: string): void {
    this.users.set(username, { password, before: password });
  }

  /** Every proxy has learnt of the last change. */
  propagate(): void {
    this.stale = 0;
  }

  authenticates(credentials: Credentials): Promise<Login> {
    return this.answer(credentials, (password) => {
      this.received.push({ host: credentials.endpoint.host, username: credentials.username, password });
      return this.logsIn(credentials.username, password) ? { kind: 'accepted', roles: [] } : { kind: 'rejected' };
    });
  }

  changePassword(credentials: Credentials, newPassword: string): Promise<Change> {
    return this.answer(credentials, (password): Change => {
      const { endpoint, username } = credentials;
      this.received.push(
        { host: endpoint.host, username, password },
        { host: endpoint.host, username, password: newPassword },
      );
      const user = this.users.get(username);
      if (user?.password !== password) {
        return {
          kind: 'refused',
          reason: 'old-password',
          answer: 'UpdateCredentialFailure 1400: old password not correct',
        };
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
    return this.answer(caller, (password): Change => {
      this.received.push({ host: admin.endpoint.host, username, password: newPassword });
      if (!this.logsIn(caller.username, password)) {
        return { kind: 'refused', reason: 'old-password', answer: 'gRPC 16: auth check failure' };
      }
      if (!this.superUsers.includes(caller.username) || !this.users.has(username)) {
        return {
          kind: 'refused',
          reason: 'old-password',
          answer: 'UpdateCredentialFailure 1400: old password not correct',
        };
      }
      return this.change(username, newPassword);
    });
  }

  private change(username: string, password: string): Change {
    const bytes = Buffer.byteLength(password);
    if (password.length < 6 || bytes > 72 || this.refuses(password)) {
      return { kind: 'refused', reason: 'new-password', answer: 'UnexpectedError 1100: invalid password' };
    }
    const before = this.users.get(username)?.password ?? password;
    this.users.set(username, { password, before });
    this.stale = this.staleLogins;
    return { kind: 'changed' };
  }

  private logsIn(username: string, password: string): boolean {
    if (!this.authorization) {
      return true;
    }
    const user = this.users.get(username);
    if (this.stale > 0) {
      this.stale -= 1;
      return user?.before === password;
    }
    return user?.password === password;
  }

  private answer<T>(to: Credentials, think: (password: string) => T): Promise<T> {
    if (!this.reachable || to.endpoint.host !== this.host) {
      return Promise.reject(new ClusterUnavailableError('unreachable', to.endpoint, 'gRPC 14: connect ECONNREFUSED'));
    }
    return Promise.resolve(think(to.password));
  }
}
