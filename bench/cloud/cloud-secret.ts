import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { createPasswordGenerator, type PasswordGenerator } from '../../adapters/generated-password.ts';
import { awsOptions, type LocalCloudAccess } from '../../local/cloud/access.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../protocol/cluster/password-policy.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { RotationControl } from './rotation-control.ts';

/** A version of a secret. Default: AWSCURRENT. */
export type Version = Readonly<{ VersionId?: string | undefined; VersionStage?: string }>;

export const passwords: PasswordGenerator = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

/** An endpoint of the local cloud. */
function localEndpoint(url: string): Endpoint {
  return parseEndpoint(url, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false });
}

/** A secret in the local cloud, and what people do with it. */
export class CloudSecret {
  readonly name: string;
  readonly control: RotationControl;
  readonly aws: SecretsManager;

  constructor(access: LocalCloudAccess, name: string) {
    this.name = name;
    this.control = new RotationControl(access, name);
    this.aws = new SecretsManager(awsOptions(access));
  }

  /** @returns the ARN */
  async create(SecretString: string): Promise<string> {
    const { ARN = '' } = await this.aws.createSecret({ Name: this.name, SecretString });
    return ARN;
  }

  /** Configures the rotation by a function, and waits until testSecret has run. */
  async configureRotation(RotationLambdaARN: string): Promise<void> {
    // Without an immediate rotation, Secrets Manager only runs testSecret.
    await this.aws.rotateSecret({
      SecretId: this.name,
      RotationLambdaARN,
      RotationRules: { AutomaticallyAfterDays: 300 },
      RotateImmediately: false,
    });
    await this.control.reaches('idle');
  }

  async startRotation(ClientRequestToken: string = randomUUID()): Promise<void> {
    await this.aws.rotateSecret({ SecretId: this.name, ClientRequestToken });
  }

  /**
   * Allows exactly one more attempt. If a rotation is unfinished, the emulator counts that attempt
   * as a retry.
   */
  async limitAttempts(): Promise<void> {
    await this.control.setRetries((await this.unfinishedToken()) === undefined ? 0 : 1);
  }

  /**
   * Calls RotateSecret. If a rotation is unfinished, Secrets Manager refuses the call and retries
   * that rotation.
   */
  async startAttempt(): Promise<void> {
    try {
      await this.startRotation();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InvalidRequestException') {
        throw error;
      }
    }
  }

  async cancelRotation(): Promise<void> {
    await this.aws.cancelRotateSecret({ SecretId: this.name });
  }

  async unfinishedToken(): Promise<string | undefined> {
    const pending = await this.holder('AWSPENDING');
    return pending === (await this.holder('AWSCURRENT')) ? undefined : pending;
  }

  async store(SecretString: string, label = 'AWSCURRENT', ClientRequestToken: string = randomUUID()): Promise<void> {
    await this.aws.putSecretValue({ SecretId: this.name, SecretString, ClientRequestToken, VersionStages: [label] });
  }

  /** The id of the version that has the label. */
  async holder(label: string): Promise<string | undefined> {
    const { VersionIdsToStages = {} } = await this.aws.describeSecret({ SecretId: this.name });
    return Object.entries(VersionIdsToStages).find(([, labels]) => labels.includes(label))?.[0];
  }

  async value(version: Version = {}): Promise<string> {
    const { SecretString = '' } = await this.aws.getSecretValue({ SecretId: this.name, ...version });
    return SecretString;
  }

  /** The user and the password in a version, with `url` as the endpoint. */
  async credential(url: string, version: Version = {}): Promise<Credentials> {
    const { username, password } = parseDocument(await this.value(version));
    return { endpoint: localEndpoint(url), username, password };
  }

  close(): void {
    this.aws.destroy();
  }
}
