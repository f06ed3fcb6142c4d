import type { Cluster } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { RotationError } from '../../protocol/rotation/errors.ts';
import { type FunctionConfig, readConfig } from '../../protocol/rotation/function-config.ts';
import type { RotationPorts } from '../../protocol/rotation/ports.ts';
import type { Progress } from '../../protocol/rotation/progress.ts';
import { runStep } from '../../protocol/rotation/rotation.ts';
import { STEPS, type Step } from '../../protocol/rotation/rotation-request.ts';
import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import { parseDocument, type SecretDocument } from '../../protocol/secret/document.ts';
import { type Pins, pinsEverything } from '../../protocol/secret/rotated-secrets.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { InMemoryCluster } from './in-memory-cluster.ts';
import { InMemorySecret } from './in-memory-secret.ts';

export const USER = 'app_reader';
export const ENDPOINT = 'http://127.0.0.1:19530';
export const FIRST_PASSWORD = 'Initial-password-0';
/** The user that takes turns with {@link USER}. */
export const SECOND_USER = 'app_reader_2';
export const SECOND_USERS_PASSWORD = 'Second-initial-password-0';

const ROOT_PASSWORD = 'Root-password-0';
/** The value of the admin secret. */
export const ADMIN: string = JSON.stringify({ endpoint: ENDPOINT, username: 'root', password: ROOT_PASSWORD });

/** A secret, its cluster, and a clock that advances only during waits. */
export class RotationWorld {
  readonly secret: InMemorySecret;
  readonly cluster: InMemoryCluster;
  readonly story: Progress[] = [];
  readonly generated: string[] = [];
  now = 0;
  /** The date at which {@link now} is 0. Later than any version that is stored by hand. */
  date: number = Date.UTC(2026, 0, 1);
  /** The time limit of each invocation, in milliseconds. */
  timeout = 60_000;
  config: FunctionConfig = {
    ...readConfig({}),
    endpointRules: { allowed: ['127.0.0.1'], allowPlaintext: false },
    minimumGapMs: 0,
  };
  functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotation';
  /** What the deployment pins for the secret. */
  pins: Pins = {};
  readSecret: RotationPorts['readSecret'] = () => Promise.resolve(ADMIN);
  connectControlPlane: RotationPorts['connectControlPlane'] = () => Promise.reject(new Error('was asked'));
  sendRotated: RotationPorts['sendRotated'] = async () => undefined;
  #tokens = 0;
  /** The prefix of generated passwords. Worlds that share a cluster need different prefixes. */
  passwordPrefix = 'Generated-password';

  constructor(
    value: string = document(FIRST_PASSWORD),
    cluster: InMemoryCluster = new InMemoryCluster().addUser(USER, FIRST_PASSWORD),
    secretName?: string,
  ) {
    this.cluster = cluster;
    this.secret = new InMemorySecret(secretName);
    this.secret.storeByHand('v0', value);
  }

  ports(): RotationPorts {
    const deadline = this.now + this.timeout;
    return {
      config: this.config,
      functionArn: this.functionArn,
      store: this.secret,
      cluster: this.cluster,
      newPassword: () => {
        const password = `${this.passwordPrefix}-${this.generated.length + 1}`;
        this.generated.push(password);
        return password;
      },
      readPins: (secretName) => Promise.resolve({ [secretName]: this.pins }),
      readSecret: this.readSecret,
      connectControlPlane: this.connectControlPlane,
      sendRotated: this.sendRotated,
      clock: {
        now: () => this.now,
        date: () => this.date + this.now,
        remaining: () => deadline - this.now,
        wait: (milliseconds) => {
          this.now += milliseconds;
          return Promise.resolve();
        },
      },
      report: (progress) => this.story.push(progress),
    };
  }

  /** The ports with some other methods, which may call those of the secret and the cluster. */
  portsWith({ store, cluster }: { store?: Partial<SecretStore>; cluster?: Partial<Cluster> }): RotationPorts {
    return {
      ...this.ports(),
      ...(store && { store: withMethods<SecretStore>(this.secret, store) }),
      ...(cluster && { cluster: withMethods<Cluster>(this.cluster, cluster) }),
    };
  }

  configure(config: Partial<FunctionConfig>): void {
    this.config = { ...this.config, ...config };
  }

  /** Pins the endpoint and the user of the secret, as the deployment does. */
  pinUser(): void {
    this.pins = { endpoint: ENDPOINT, username: USER };
  }

  /** Lets an admin reset the password of the secret's user, as the deployment does. */
  configureAdmin(): void {
    if (!pinsEverything(this.pins)) {
      this.pinUser();
    }
    this.cluster.addUser('root', ROOT_PASSWORD).superUsers = ['root'];
    this.configure({ adminSecretArn: 'arn:admin' });
  }

  /** The user whose password the next rotation changes. */
  get nextUser(): string {
    const endpoint = parseEndpoint(ENDPOINT, this.config.endpointRules);
    const current = { endpoint, username: this.usernameIn(AWSCURRENT) ?? USER, password: '' };
    return strategyOf(this.pins).next(current, this.pins).username;
  }

  /**
   * Lets {@link USER} and {@link SECOND_USER} take turns, as the deployment and the operator set
   * it up: the second user's credential is in a version with a sent label only.
   */
  async alternateUsers(): Promise<void> {
    this.cluster.addUser(SECOND_USER, SECOND_USERS_PASSWORD);
    this.pins = { endpoint: ENDPOINT, usernames: [USER, SECOND_USER] };
    const versionId = 'v-second';
    const value = document(SECOND_USERS_PASSWORD, { username: SECOND_USER });
    await this.secret.put({ versionId, value, labels: [sentLabel(versionId)] });
  }

  /**
   * Adds proxies that learn of a change after different delays. Default: logins reach them in
   * turn.
   */
  useProxies(delaysMs: readonly number[], choose?: (count: number) => number): void {
    let logins = 0;
    this.cluster.proxies = { delaysMs, now: () => this.now, choose: choose ?? ((count) => logins++ % count) };
  }

  /** Adds labels of the secret's owner to AWSCURRENT. */
  async addOwnersLabels(count: number): Promise<void> {
    for (let label = 1; label <= count; label++) {
      await this.secret.addLabel({ label: `owner-${label}`, to: this.secret.holder(AWSCURRENT) ?? '' });
    }
  }

  /** A token that no rotation has had. */
  newToken(): string {
    return `t${++this.#tokens}`;
  }

  /** The token of the rotation that has started and not ended. */
  get unfinishedToken(): string | undefined {
    const pending = this.secret.holder(AWSPENDING);
    return pending === this.secret.holder(AWSCURRENT) ? undefined : pending;
  }

  /** Dates versions by the clock. Those of one moment differ, as in Secrets Manager. */
  useDatesOfAws(): void {
    let versions = 0;
    this.secret.date = () => this.date + this.now + ++versions;
  }

  /** Invokes one step of the rotation. */
  async step(step: Step, token: string, ports: RotationPorts = this.ports()): Promise<string> {
    return await runStep({ step, secretId: this.secret.arn, token, rotationToken: undefined }, ports);
  }

  /**
   * Runs a rotation as RotateSecret does. The first step that fails ends the rotation, and the last
   * step sets the date of the rotation.
   */
  async attempt(token: string): Promise<'succeeded' | 'not started' | RotationError> {
    if (!this.secret.startRotation(token)) {
      return 'not started';
    }
    for (const step of STEPS) {
      try {
        await this.step(step, token);
      } catch (error) {
        if (error instanceof RotationError) {
          return error;
        }
        throw error;
      }
    }
    this.secret.lastRotatedAt = this.date + this.now;
    return 'succeeded';
  }

  /**
   * Rotates once for each token.
   *
   * @throws Error unless each rotation moves AWSCURRENT to a version with which applications log
   * in.
   */
  async rotate(...tokens: readonly string[]): Promise<this> {
    for (const token of tokens) {
      const outcome = await this.attempt(token);
      if (outcome !== 'succeeded' || this.secret.holder(AWSCURRENT) !== token || !this.applicationsLogIn) {
        throw new Error(`The rotation ${token} did not succeed: ${String(outcome)}`);
      }
    }
    return this;
  }

  /** Starts a rotation and invokes its steps before this one. */
  async runBefore(step: Step, token = 't1'): Promise<this> {
    this.secret.startRotation(token);
    for (const earlier of STEPS.slice(0, STEPS.indexOf(step))) {
      await this.step(earlier, token);
    }
    return this;
  }

  /** Whether an application that reads AWSCURRENT now can log in. */
  get applicationsLogIn(): boolean {
    return this.logsIn(AWSCURRENT);
  }

  /** Whether an application that uses the version with this label can log in. */
  logsIn(label: string): boolean {
    const credential = this.#documentIn(label);
    return credential !== undefined && credential.password === this.cluster.passwordOf(credential.username);
  }

  passwordIn(label: string): string | undefined {
    return this.#documentIn(label)?.password;
  }

  usernameIn(label: string): string | undefined {
    return this.#documentIn(label)?.username;
  }

  #documentIn(label: string): SecretDocument | undefined {
    return documentIn(this.secret.valueOf(this.secret.holder(label) ?? ''));
  }
}

/** The parsed values. The checks of all calls read the same few values again and again. */
const parsed = new Map<string, SecretDocument | undefined>();

/** @returns undefined if the value is no credential */
export function documentIn(value = ''): SecretDocument | undefined {
  if (!parsed.has(value)) {
    parsed.set(value, parse(value));
  }
  return parsed.get(value);
}

function parse(value: string): SecretDocument | undefined {
  try {
    return parseDocument(value);
  } catch {
    return undefined;
  }
}

function withMethods<T extends object>(target: T, methods: Partial<T>): T {
  const properties = Object.entries(methods).map(([name, value]) => [name, { value }]);
  return Object.create(target, Object.fromEntries(properties));
}

/** The value of a secret. The token is that of the username, unless `more` names another one. */
export function document(password: string, more: Record<string, unknown> & { username?: string } = {}): string {
  const { username = USER } = more;
  return JSON.stringify({
    endpoint: ENDPOINT,
    username,
    password,
    token: tokenOf({ username, password }),
    ...more,
  });
}
