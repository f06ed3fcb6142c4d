import { randomBytes, randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Credentials } from '../../cluster/cluster.ts';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { createPasswordGenerator } from '../../cluster/generated-password.ts';
import { createMilvusCluster } from '../../cluster/grpc/milvus-cluster.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../cluster/password-policy.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { withLocalMilvus } from '../../local/milvus/milvus-client.ts';
import { parseDocument, tokenOf } from '../../secret/document.ts';
import { awsOptions } from '../cloud/aws-options.ts';
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
  /** The secret that the function may reset with its admin secret, and the user of this secret. */
  readonly pinned: { readonly name: string; readonly username: string } | undefined;
}

/** The host and the user that a secret is for. */
interface Target {
  readonly balancer: LoadBalancer;
  readonly username: string;
}

const passwords = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

/** The cluster user, the secret and the network connection of one scenario. */
export class Subject implements ManualChanges {
  readonly control: EmulatorControl;
  readonly rotatedBy: DeployedFunction;
  readonly #cloud: AttachedCloud;
  readonly #name: string;
  readonly #isPinned: boolean;
  readonly #aws: SecretsManagerClient;
  /** Patient, because a busy machine must not prevent a judgement. */
  readonly #milvus = createMilvusCluster({ timeoutMs: 60_000 });
  readonly #usernames: string[] = [];
  readonly #otherHosts: LoadBalancer[] = [];
  #target: Target;
  /** What a person stored last in AWSCURRENT, without the password. */
  #stored = '';

  private constructor(cloud: AttachedCloud, rotatedBy: DeployedFunction, pinned: DeployedFunction['pinned']) {
    const id = randomBytes(6).toString('hex');
    const { name, username } = pinned ?? { name: `${rotatedBy.secretNamePrefix}${id}`, username: `user_${id}` };
    this.#cloud = cloud;
    this.rotatedBy = rotatedBy;
    this.#target = { balancer: rotatedBy.balancer, username };
    this.#name = name;
    this.#isPinned = pinned !== undefined;
    this.control = new EmulatorControl(cloud.access.awsUrl, name);
    this.#aws = new SecretsManagerClient(awsOptions(cloud.access));
  }

  /** @param isPinned the admin secret of the function, if it has one, may reset the user. */
  static async on(cloud: AttachedCloud, rotatedBy: DeployedFunction, isPinned: boolean): Promise<Subject> {
    const subject = new Subject(cloud, rotatedBy, isPinned ? rotatedBy.pinned : undefined);
    await subject.#createSecret(await subject.addUser(subject.username));
    return subject;
  }

  async #createSecret(password: string): Promise<void> {
    const [SecretId, SecretString] = [this.#name, this.document(password)];
    if (this.#isPinned) {
      await this.control.reaches('idle');
      await this.#aws.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    }
    await this.#aws.send(new CreateSecretCommand({ Name: SecretId, SecretString }));
    this.#stored = withoutPassword(SecretString);
    // Without an immediate rotation, Secrets Manager only runs testSecret.
    await this.#aws.send(
      new RotateSecretCommand({
        SecretId,
        RotationLambdaARN: this.rotatedBy.arn,
        RotationRules: { AutomaticallyAfterDays: 300 },
        RotateImmediately: false,
      }),
    );
    await this.control.reaches('idle');
  }

  get username(): string {
    return this.#target.username;
  }

  get balancer(): LoadBalancer {
    return this.#target.balancer;
  }

  /** Creates a cluster user. @returns the password */
  async addUser(username: string): Promise<string> {
    const password = passwords.generate();
    await this.#cloud.createClusterUser('plaintext', { username, password });
    this.#usernames.push(username);
    return password;
  }

  /** Another address of the same cluster. */
  async addHost(): Promise<LoadBalancer> {
    const host = await LoadBalancer.before(this.#cloud.access.milvus.plaintext.endpoint);
    this.#otherHosts.push(host);
    return host;
  }

  /** The value of a secret with this password. */
  document(password: string, target: Partial<Target> = {}): string {
    const { balancer, username } = { ...this.#target, ...target };
    const token = tokenOf({ username, password });
    return JSON.stringify({ endpoint: balancer.endpoint, username, password, token });
  }

  /** Stores a value for another host or user, as a person does who moves the secret. */
  async moveTo(target: Partial<Target>, password: string): Promise<void> {
    this.#target = { ...this.#target, ...target };
    await this.storeByHand(this.document(password));
  }

  /** The requests since {@link forgetRequests} to another host or user than the secret is for. */
  get unintendedRequests(): number {
    const { balancer, username } = this.#target;
    const isIntended = (request: LoadBalancer['received'][number]): boolean =>
      request.username === username &&
      (request.caller === username ||
        (this.#isPinned && request.caller === 'root' && request.newPassword !== undefined));
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
      await this.#aws.send(new RotateSecretCommand({ SecretId: this.#name, ClientRequestToken: randomUUID() }));
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
      await this.#aws.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.#name,
          VersionStage: 'AWSPENDING',
          RemoveFromVersionId: pending,
        }),
      );
    }
  }

  async cancelRotation(): Promise<void> {
    await this.#aws.send(new CancelRotateSecretCommand({ SecretId: this.#name }));
  }

  async storeAnotherKey(): Promise<void> {
    const current = JSON.parse(await this.current()) as object;
    await this.storeByHand(JSON.stringify({ ...current, note: 'edited' }));
  }

  async storeWrongPassword(): Promise<void> {
    await this.storeByHand(this.document('Wrong-by-hand-1'));
  }

  async storeByHand(value: string, stage = 'AWSCURRENT'): Promise<void> {
    await this.#aws.send(
      new PutSecretValueCommand({ SecretId: this.#name, SecretString: value, VersionStages: [stage] }),
    );
    if (stage === 'AWSCURRENT') {
      this.#stored = withoutPassword(value);
    }
  }

  /** Adds a label of the owner to AWSCURRENT. */
  async addLabel(label: string): Promise<void> {
    await this.#aws.send(
      new UpdateSecretVersionStageCommand({
        SecretId: this.#name,
        VersionStage: label,
        MoveToVersionId: await this.holder('AWSCURRENT'),
      }),
    );
  }

  /** Sets a password in the cluster and not in the secret. Default: a password never stored. */
  async changeOutside(password: string = passwords.generate()): Promise<void> {
    const { endpoint } = this.#cloud.access.milvus.plaintext;
    const answer = await this.#milvus.changePassword(
      this.#credentials(endpoint, await this.currentPassword()),
      password,
    );
    if (answer.kind !== 'changed') {
      throw new Error(`The password of ${this.username} was not changed outside the secret: ${answer.answer}`);
    }
  }

  async holder(label: string): Promise<string | undefined> {
    const { VersionIdsToStages = {} } = await this.#aws.send(new DescribeSecretCommand({ SecretId: this.#name }));
    return Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
  }

  async current(): Promise<string> {
    const { SecretString = '' } = await this.#aws.send(new GetSecretValueCommand({ SecretId: this.#name }));
    return SecretString;
  }

  async currentPassword(): Promise<string> {
    return parseDocument(await this.current()).password;
  }

  /** Whether AWSCURRENT differs in more than its password from what a person stored last. */
  async isAltered(): Promise<boolean> {
    return withoutPassword(await this.current()) !== this.#stored;
  }

  /** Whether an application that reads AWSCURRENT now can log in, whichever proxy it reaches. */
  async applicationsLogIn(): Promise<boolean> {
    const credentials = this.#credentials(this.balancer.endpoint, await this.currentPassword());
    const proxies = [1, 2];
    const logins = await Promise.all(proxies.map(() => this.#milvus.authenticates(credentials)));
    return logins.every(({ kind }) => kind === 'accepted');
  }

  #credentials(url: string, password: string): Credentials {
    const endpoint = parseEndpoint(url, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false });
    return { endpoint, username: this.username, password };
  }

  /** Deletes the users of the scenario. */
  async close(): Promise<void> {
    const { plaintext } = this.#cloud.access.milvus;
    await withLocalMilvus(plaintext, `root:${plaintext.rootPassword}`, async (root) => {
      for (const username of this.#usernames) {
        await root.deleteUser({ username });
      }
    });
    this.#aws.destroy();
    await this.control.disarmAll();
    this.rotatedBy.balancer.reset();
    await Promise.all(this.#otherHosts.map((host) => host.close()));
  }
}

function withoutPassword(value: string): string {
  const { password: _password, token: _token, ...rest } = JSON.parse(value) as Record<string, unknown>;
  return JSON.stringify(rest);
}
