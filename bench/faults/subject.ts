import { randomBytes, randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Credentials } from '../../cluster/cluster.ts';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { createPasswordGenerator } from '../../cluster/generated-password.ts';
import { createMilvusCluster } from '../../cluster/grpc/milvus-cluster.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../cluster/password-policy.ts';
import { awsOptions } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { withLocalMilvus } from '../../local/milvus/milvus-client.ts';
import { parseDocument } from '../../secret/document.ts';
import { newDocument } from '../../secret/new-secret.ts';
import type { ManualChanges } from './continuations.ts';
import { EmulatorControl } from './emulator-control.ts';
import { LoadBalancer } from './load-balancer.ts';

/** A rotation function in the local cloud. */
export interface DeployedFunction {
  readonly arn: string;
  readonly name: string;
  /** Makes the next step run on a new worker. */
  readonly renewWorkers: () => Promise<void>;
  /** The function may rotate only secrets whose names start with this prefix. */
  readonly secretNamePrefix: string;
  /** The cluster, as the function and the applications reach it. */
  readonly balancer: LoadBalancer;
  /** The secret that the function may reset with its admin secret, and its users. */
  readonly pinned: { readonly name: string; readonly usernames: readonly string[] } | undefined;
  /** With two users that take turns, the function rotates the pinned secret only. */
  readonly takesTurns: boolean;
}

/** The host and the users that a secret is for: one user, or two that take turns. */
interface Target {
  readonly balancer: LoadBalancer;
  readonly usernames: readonly string[];
}

const passwords = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

/** The cluster user, the secret and the network connection of one scenario. */
export class Subject implements ManualChanges {
  readonly control: EmulatorControl;
  readonly rotatedBy: DeployedFunction;
  readonly #cloud: AttachedCloud;
  readonly #name: string;
  /** Whether the admin may reset a user in this scenario. */
  readonly #mayReset: boolean;
  readonly #aws: SecretsManager;
  /** Has a long time limit, because a busy machine must not prevent a judgement. */
  readonly #milvus = createMilvusCluster({ timeoutMs: 60_000 });
  readonly #createdUsers: string[] = [];
  readonly #otherHosts: LoadBalancer[] = [];
  #target: Target;
  /** What a person stored last in AWSCURRENT, without the password. */
  #stored = '';

  private constructor(cloud: AttachedCloud, rotatedBy: DeployedFunction, mayReset: boolean) {
    const id = randomBytes(6).toString('hex');
    const unpinned = { name: `${rotatedBy.secretNamePrefix}${id}`, usernames: [`user_${id}`] };
    const isPinned = mayReset || rotatedBy.takesTurns;
    const { name, usernames } = (isPinned ? rotatedBy.pinned : undefined) ?? unpinned;
    this.#cloud = cloud;
    this.rotatedBy = rotatedBy;
    this.#target = { balancer: rotatedBy.balancer, usernames };
    this.#name = name;
    this.#mayReset = mayReset && rotatedBy.pinned !== undefined;
    this.control = new EmulatorControl(cloud.access.awsUrl, name);
    this.#aws = new SecretsManager(awsOptions(cloud.access));
  }

  /** @param mayReset the admin secret of the function, if it has one, may reset a user. */
  static async on(cloud: AttachedCloud, rotatedBy: DeployedFunction, mayReset: boolean): Promise<Subject> {
    const subject = new Subject(cloud, rotatedBy, mayReset);
    await subject.#createSecret();
    return subject;
  }

  async #createSecret(): Promise<void> {
    const [username = '', second] = this.#target.usernames;
    const [SecretId, SecretString] = [this.#name, this.document(await this.addUser(username), { username })];
    if (SecretId === this.rotatedBy.pinned?.name) {
      await this.control.reaches('idle');
      await this.#aws.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
    }
    await this.#aws.createSecret({ Name: SecretId, SecretString });
    this.#stored = withoutCredential(SecretString);
    if (second !== undefined) {
      const id = randomUUID();
      await this.storeByHand(this.document(await this.addUser(second), { username: second }), `zilliz-sent:${id}`, id);
    }
    // Without an immediate rotation, Secrets Manager only runs testSecret.
    await this.#aws.rotateSecret({
      SecretId,
      RotationLambdaARN: this.rotatedBy.arn,
      RotationRules: { AutomaticallyAfterDays: 300 },
      RotateImmediately: false,
    });
    await this.control.reaches('idle');
  }

  /** The user whose password the next rotation changes. */
  async nextUser(): Promise<string> {
    const [first = '', second] = this.#target.usernames;
    return second === undefined || (await this.#credential()).username === second ? first : second;
  }

  get balancer(): LoadBalancer {
    return this.#target.balancer;
  }

  /** Creates a cluster user. @returns the password */
  async addUser(username: string): Promise<string> {
    const password = passwords.generate();
    await this.#cloud.createClusterUser('plaintext', { username, password });
    this.#createdUsers.push(username);
    return password;
  }

  /** Another address of the same cluster. */
  async addHost(): Promise<LoadBalancer> {
    const host = await LoadBalancer.before(this.#cloud.access.milvus.plaintext.endpoint);
    this.#otherHosts.push(host);
    return host;
  }

  /** The value of a secret with this password. Default user: the only user. */
  document(
    password: string,
    {
      balancer = this.balancer,
      username = this.#target.usernames[0] ?? '',
    }: { balancer?: LoadBalancer; username?: string } = {},
  ): string {
    return newDocument({ endpoint: balancer.endpoint, username, password });
  }

  /** Stores a value for another host or user, as a person does who moves the secret. */
  async moveTo(target: Partial<Target>, password: string): Promise<void> {
    this.#target = { ...this.#target, ...target };
    await this.storeByHand(this.document(password));
  }

  /** The requests since {@link forgetRequests} to another host or user than the secret is for. */
  get unintendedRequests(): number {
    const { balancer, usernames } = this.#target;
    const isIntended = (request: LoadBalancer['received'][number]): boolean =>
      usernames.includes(request.username) &&
      (request.caller === request.username ||
        (this.#mayReset && request.caller === 'root' && request.newPassword !== undefined));
    const ofOtherUsers = balancer.received.filter((request) => !isIntended(request)).length;
    const atOtherHosts = this.#hosts.filter((host) => host !== balancer).map(({ connections }) => connections);
    return atOtherHosts.reduce((sum, connections) => sum + connections, ofOtherUsers);
  }

  forgetRequests(): void {
    for (const host of this.#hosts) {
      host.forget();
    }
  }

  get #hosts(): readonly LoadBalancer[] {
    return [this.rotatedBy.balancer, ...this.#otherHosts];
  }

  /**
   * Calls RotateSecret for one attempt. If a rotation is unfinished, Secrets Manager refuses the
   * call and retries that rotation, which the emulator counts as a retry.
   */
  async startRotation(): Promise<void> {
    await this.control.setRetries((await this.#unfinishedToken()) === undefined ? 0 : 1);
    try {
      await this.#aws.rotateSecret({ SecretId: this.#name, ClientRequestToken: randomUUID() });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidRequestException') {
        throw error;
      }
    }
  }

  async rotate(): Promise<void> {
    await this.startRotation();
    await this.control.reaches('idle');
  }

  async #unfinishedToken(): Promise<string | undefined> {
    const pending = await this.holder('AWSPENDING');
    return pending === (await this.holder('AWSCURRENT')) ? undefined : pending;
  }

  async removePendingByHand(): Promise<void> {
    const pending = await this.#unfinishedToken();
    if (pending !== undefined) {
      await this.#aws.updateSecretVersionStage({
        SecretId: this.#name,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: pending,
      });
    }
  }

  async cancelRotation(): Promise<void> {
    await this.#aws.cancelRotateSecret({ SecretId: this.#name });
  }

  async storeAnotherKey(): Promise<void> {
    const current = JSON.parse(await this.current()) as object;
    await this.storeByHand(JSON.stringify({ ...current, note: 'edited' }));
  }

  async storeWrongPassword(): Promise<void> {
    await this.storeByHand(this.document('Wrong-by-hand-1', { username: (await this.#credential()).username }));
  }

  async storeByHand(value: string, stage = 'AWSCURRENT', ClientRequestToken: string = randomUUID()): Promise<void> {
    await this.#aws.putSecretValue({
      SecretId: this.#name,
      ClientRequestToken,
      SecretString: value,
      VersionStages: [stage],
    });
    if (stage === 'AWSCURRENT') {
      this.#stored = withoutCredential(value);
    }
  }

  /** Adds a label of the owner to AWSCURRENT. */
  async addLabel(label: string): Promise<void> {
    await this.#aws.updateSecretVersionStage({
      SecretId: this.#name,
      VersionStage: label,
      MoveToVersionId: await this.holder('AWSCURRENT'),
    });
  }

  /**
   * Sets passwords in the cluster and not in the secret. Default: a password never stored, for the
   * user whose password the next rotation changes.
   */
  async changeOutside(changes?: readonly Credentials[]): Promise<void> {
    const unknown = { username: await this.nextUser(), password: passwords.generate() };
    const inForce = await this.passwordsInForce();
    for (const { username, password } of changes ?? [unknown]) {
      const old = inForce.find((credential) => credential.username === username);
      const answer = old && (await this.#milvus.changePassword(old, password));
      if (answer?.kind !== 'changed') {
        throw new Error(`The password of ${username} was not changed outside the secret: ${answer?.answer ?? ''}`);
      }
    }
  }

  /** The stored credential of each user that the cluster accepts. */
  async passwordsInForce(): Promise<readonly Credentials[]> {
    const { Versions = [] } = await this.#aws.listSecretVersionIds({ SecretId: this.#name, IncludeDeprecated: true });
    const inForce = new Map<string, Credentials>();
    for (const { VersionId } of Versions) {
      const credential = await this.#credential({ VersionId }, this.#cloud.access.milvus.plaintext.endpoint);
      if (!inForce.has(credential.username) && (await this.logsIn(credential))) {
        inForce.set(credential.username, credential);
      }
    }
    return [...inForce.values()];
  }

  async holder(label: string): Promise<string | undefined> {
    const { VersionIdsToStages = {} } = await this.#aws.describeSecret({ SecretId: this.#name });
    return Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
  }

  async current(version: { VersionId?: string | undefined } = {}): Promise<string> {
    const { SecretString = '' } = await this.#aws.getSecretValue({ SecretId: this.#name, ...version });
    return SecretString;
  }

  async #credential(version = {}, url: string = this.balancer.endpoint): Promise<Credentials> {
    const { username, password } = parseDocument(await this.current(version));
    const endpoint = parseEndpoint(url, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false });
    return { endpoint, username, password };
  }

  async currentPassword(): Promise<string> {
    return parseDocument(await this.current()).password;
  }

  /** Whether AWSCURRENT differs in more than its credential from what a person stored last. */
  async isAltered(): Promise<boolean> {
    const current = await this.current();
    return (
      withoutCredential(current) !== this.#stored || !this.#target.usernames.includes(parseDocument(current).username)
    );
  }

  /** Whether an application that reads AWSCURRENT now can log in, whichever proxy it reaches. */
  async applicationsLogIn(): Promise<boolean> {
    return await this.logsIn(await this.#credential());
  }

  /** With two users: the credential in AWSCURRENT, which the next rotation must not end. */
  async credentialToKeep(): Promise<Credentials | undefined> {
    const current = await this.#credential();
    return this.rotatedBy.takesTurns && (await this.logsIn(current)) ? current : undefined;
  }

  async logsIn(credentials: Credentials): Promise<boolean> {
    const proxies = [1, 2];
    const logins = await Promise.all(proxies.map(() => this.#milvus.authenticates(credentials)));
    return logins.every(({ kind }) => kind === 'accepted');
  }

  /** Deletes the users of the scenario. */
  async close(): Promise<void> {
    const { plaintext } = this.#cloud.access.milvus;
    await withLocalMilvus(plaintext, `root:${plaintext.rootPassword}`, async (root) => {
      for (const username of this.#createdUsers) {
        await root.deleteUser({ username });
      }
    });
    this.#aws.destroy();
    await this.control.disarmAll();
    this.rotatedBy.balancer.reset();
    await Promise.all(this.#otherHosts.map((host) => host.close()));
  }
}

function withoutCredential(value: string): string {
  const document = JSON.parse(value) as object;
  // A key without a value is left out.
  return JSON.stringify({ ...document, username: undefined, password: undefined, token: undefined });
}
