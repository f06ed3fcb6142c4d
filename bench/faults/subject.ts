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
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { LOCAL_REGION, type MilvusAccess } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { withLocalMilvus } from '../../local/milvus/milvus-client.ts';
import { parseDocument, tokenOf } from '../../secret/document.ts';
import { ClusterProxy } from './cluster-proxy.ts';
import { EmulatorControl } from './emulator-control.ts';

/** A rotation function that is deployed in the local cloud. */
export interface DeployedFunction {
  readonly arn: string;
  readonly name: string;
  /** What the names of the secrets begin with that it may rotate. */
  readonly secretNamePrefix: string;
}

/** What one scenario happens to: a user and a secret of its own, behind a network of its own. */
export class Subject {
  readonly proxy: ClusterProxy;
  readonly control: EmulatorControl;
  readonly rotatedBy: DeployedFunction;
  readonly awsUrl: string;
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
    this.awsUrl = cloud.access.awsUrl;
    this.#server = cloud.access.milvus.plaintext;
    this.control = new EmulatorControl(this.awsUrl, this.#name);
    this.#aws = new SecretsManagerClient({
      endpoint: this.awsUrl,
      region: LOCAL_REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  static async on(cloud: AttachedCloud, rotatedBy: DeployedFunction): Promise<Subject> {
    const proxy = await ClusterProxy.before(cloud.access.milvus.plaintext.endpoint);
    const subject = new Subject(cloud, rotatedBy, proxy);
    const password = randomPassword();
    await cloud.createClusterUser('plaintext', { username: subject.username, password });
    await subject.#aws.send(new CreateSecretCommand({ Name: subject.#name, SecretString: subject.document(password) }));
    // Configured without rotating: that only runs testSecret.
    await subject.#aws.send(
      new RotateSecretCommand({
        SecretId: subject.#name,
        RotationLambdaARN: rotatedBy.arn,
        RotationRules: { AutomaticallyAfterDays: 300 },
        RotateImmediately: false,
      }),
    );
    await subject.control.comesTo('idle');
    return subject;
  }

  document(password: string, more: Record<string, unknown> = {}): string {
    const { username } = this;
    const token = tokenOf({ username, password });
    return JSON.stringify({ endpoint: this.proxy.endpoint, username, password, token, ...more });
  }

  /**
   * RotateSecret, for one attempt. While a rotation is unfinished, Secrets Manager refuses and attempts that one once
   * more, which the emulator counts as a retry.
   */
  async startRotation(): Promise<void> {
    const pending = await this.holder('AWSPENDING');
    const unfinished = pending !== undefined && pending !== (await this.holder('AWSCURRENT'));
    await this.control.setRetries(unfinished ? 1 : 0);
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
    await this.control.comesTo('idle');
  }

  async removePendingByHand(): Promise<void> {
    const pending = await this.holder('AWSPENDING');
    if (pending !== undefined && pending !== (await this.holder('AWSCURRENT'))) {
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

  async storeByHand(value: string, stage = 'AWSCURRENT'): Promise<void> {
    await this.#aws.send(
      new PutSecretValueCommand({ SecretId: this.#name, SecretString: value, VersionStages: [stage] }),
    );
  }

  /** A restored backup: sets a password that the user had before, past the network of the scenario. */
  async restore(password: string): Promise<void> {
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

  /** True when an application that reads the secret now can log in. */
  async applicationsLogIn(): Promise<boolean> {
    const login = await this.#milvus.authenticates(this.#credentials(await this.currentPassword()));
    return login.kind === 'accepted';
  }

  #credentials(password: string) {
    const endpoint = parseEndpoint(this.#server.endpoint, {
      allowed: ['127.0.0.1', 'localhost'],
      allowPlaintext: false,
    });
    return { endpoint, username: this.username, password };
  }

  /** Milvus takes a hundred users. */
  async close(): Promise<void> {
    await withLocalMilvus(this.#server, `root:${this.#server.rootPassword}`, (root) =>
      root.deleteUser({ username: this.username }),
    );
    this.#aws.destroy();
    await this.proxy.close();
  }
}

function randomPassword(): string {
  return `Aa1!${randomBytes(12).toString('hex')}`;
}
