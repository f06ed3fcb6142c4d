import { randomBytes, randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
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
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../cluster/password-policy.ts';
import { LOCAL_REGION, type LocalCloudAccess, type MilvusAccess } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { withLocalMilvus } from '../../local/milvus/milvus-client.ts';
import { parseDocument, tokenOf } from '../../secret/document.ts';
import { ClusterProxy } from './cluster-proxy.ts';
import type { ManualChanges } from './continuations.ts';
import { EmulatorControl } from './emulator-control.ts';

/** A rotation function in the local cloud. */
export interface DeployedFunction {
  readonly arn: string;
  readonly name: string;
  /** The function may rotate only secrets whose names start with this prefix. */
  readonly secretNamePrefix: string;
}

/** Client options for the AWS emulator. */
export function awsOptions({ awsUrl }: LocalCloudAccess): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return { endpoint: awsUrl, region: LOCAL_REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

/** The cluster user, the secret and the network connection of one scenario. */
export class Subject implements ManualChanges {
  readonly proxy: ClusterProxy;
  readonly control: EmulatorControl;
  readonly rotatedBy: DeployedFunction;
  readonly username: string;
  readonly #name: string;
  readonly #aws: SecretsManagerClient;
  readonly #milvus = createMilvusCluster();
  readonly #server: MilvusAccess;

  private constructor(cloud: AttachedCloud, rotatedBy: DeployedFunction, proxy: ClusterProxy) {
    const id = randomBytes(6).toString('hex');
    this.username = `user_${id}`;
    this.#name = `${rotatedBy.secretNamePrefix}${id}`;
    this.proxy = proxy;
    this.rotatedBy = rotatedBy;
    this.#server = cloud.access.milvus.plaintext;
    this.control = new EmulatorControl(cloud.access.awsUrl, this.#name);
    this.#aws = new SecretsManagerClient(awsOptions(cloud.access));
  }

  static async on(cloud: AttachedCloud, rotatedBy: DeployedFunction): Promise<Subject> {
    const proxy = await ClusterProxy.before(cloud.access.milvus.plaintext.endpoint);
    const subject = new Subject(cloud, rotatedBy, proxy);
    const password = createPasswordGenerator(DEFAULT_PASSWORD_POLICY).generate();
    await cloud.createClusterUser('plaintext', { username: subject.username, password });
    await subject.#aws.send(new CreateSecretCommand({ Name: subject.#name, SecretString: subject.document(password) }));
    // Without an immediate rotation, Secrets Manager only runs testSecret.
    await subject.#aws.send(
      new RotateSecretCommand({
        SecretId: subject.#name,
        RotationLambdaARN: rotatedBy.arn,
        RotationRules: { AutomaticallyAfterDays: 300 },
        RotateImmediately: false,
      }),
    );
    await subject.control.reaches('idle');
    return subject;
  }

  /** The value of a secret with this password. */
  document(password: string): string {
    const { username } = this;
    const token = tokenOf({ username, password });
    return JSON.stringify({ endpoint: this.proxy.endpoint, username, password, token });
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
  }

  /** Sets an earlier password as a restored backup does, without the proxy. */
  async restoreBackup(password: string): Promise<void> {
    const answer = await this.#milvus.changePassword(this.#credentials(await this.currentPassword()), password);
    if (answer.kind !== 'changed') {
      throw new Error(`The backup of ${this.username} could not be restored: ${answer.answer}`);
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

  /** Whether an application that reads AWSCURRENT now can log in. */
  async applicationsLogIn(): Promise<boolean> {
    const login = await this.#milvus.authenticates(this.#credentials(await this.currentPassword()));
    return login.kind === 'accepted';
  }

  /** At the server itself, without the proxy. */
  #credentials(password: string): Credentials {
    const rules = { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false };
    const endpoint = parseEndpoint(this.#server.endpoint, rules);
    return { endpoint, username: this.username, password };
  }

  /** Deletes the user, because Milvus allows only 100 users. */
  async close(): Promise<void> {
    await withLocalMilvus(this.#server, `root:${this.#server.rootPassword}`, (root) =>
      root.deleteUser({ username: this.username }),
    );
    this.#aws.destroy();
    await this.proxy.close();
  }
}
