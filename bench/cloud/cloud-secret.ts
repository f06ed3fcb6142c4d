import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { createPasswordGenerator } from '../../adapters/generated-password.ts';
import { awsOptions, type LocalCloudAccess } from '../../local/cloud/access.ts';
import { emulatorRequest, setRetries, untilRotation } from '../../local/cloud/emulator-control.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { DEFAULT_PASSWORD_POLICY } from '../../protocol/cluster/password-policy.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';

/** A version of a secret. Default: AWSCURRENT. */
export type Version = Readonly<{ VersionId?: string | undefined; VersionStage?: string }>;

export const newPassword: () => string = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

/** An endpoint of the local cloud. */
function localEndpoint(url: string): Endpoint {
  return parseEndpoint(url, { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false });
}

/** A fault of one Secrets Manager action on one secret. See docs/local-cloud.md for the kinds. */
export interface SecretsManagerFault {
  readonly action: string;
  readonly kind: 'fail-before' | 'lose-answer' | 'throttle' | 'deny' | 'key-failure' | 'hang';
  readonly match?: Readonly<Record<string, unknown>>;
  readonly times?: number;
  readonly cut?: boolean;
  readonly seconds?: number;
}

interface ArmedFault {
  occurred(): Promise<boolean>;
  /** @returns whether the fault occurred. */
  disarm(): Promise<boolean>;
}

/** A secret in the local cloud, what people do with it, and how its rotations are controlled. */
export class CloudSecret {
  readonly name: string;
  readonly aws: SecretsManager;
  readonly #access: LocalCloudAccess;
  readonly #armed: ArmedFault[] = [];

  constructor(access: LocalCloudAccess, name: string) {
    this.name = name;
    this.#access = access;
    this.aws = new SecretsManager(awsOptions(access));
  }

  /**
   * Creates the secret with the first value in AWSCURRENT. The others belong to users that take
   * turns with its user.
   *
   * @returns the ARN
   */
  async create(...[SecretString, ...others]: readonly string[]): Promise<string> {
    const { ARN = '' } = await this.aws.createSecret({ Name: this.name, SecretString });
    for (const value of others) {
      const token = randomUUID();
      await this.store(value, sentLabel(token), token);
    }
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
    await this.reaches('idle');
  }

  async startRotation(ClientRequestToken: string = randomUUID()): Promise<void> {
    await this.aws.rotateSecret({ SecretId: this.name, ClientRequestToken });
  }

  /**
   * Allows exactly one more attempt. If a rotation is unfinished, the emulator counts that attempt
   * as a retry.
   */
  async limitAttempts(): Promise<void> {
    await this.setRetries((await this.unfinishedToken()) === undefined ? 0 : 1);
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

  /** Sets how often the emulator retries a failed attempt. */
  async setRetries(retries: number): Promise<void> {
    await setRetries(this.#access, this.name, retries);
  }

  /** Pauses the next rotation before this step until {@link release}. */
  async holdBefore(step: string): Promise<void> {
    await emulatorRequest(this.#access, 'PUT', 'hold', { secret: this.name, step });
  }

  async release(): Promise<void> {
    await emulatorRequest(this.#access, 'DELETE', 'hold', { secret: this.name });
  }

  /** Waits for the state. @returns false if the rotation ended in another state. */
  async reaches(state: 'held' | 'idle'): Promise<boolean> {
    return (await untilRotation(this.#access, this.name, state, 120)).state === state;
  }

  async arm(fault: SecretsManagerFault): Promise<ArmedFault> {
    const request = (method: string, body?: object): Promise<unknown> =>
      emulatorRequest(this.#access, method, 'faults', body);
    const { id } = (await request('POST', { ...fault, secret: this.name })) as { id: number };
    const occurred = async (): Promise<boolean> => {
      const { faults } = (await request('GET')) as { faults: Array<{ id: number; fired: number }> };
      return faults.some((armed) => armed.id === id && armed.fired > 0);
    };
    const disarm = async (): Promise<boolean> => {
      const result = await occurred();
      await request('DELETE', { id });
      return result;
    };
    this.#armed.push({ occurred, disarm });
    return { occurred, disarm };
  }

  async disarmAll(): Promise<void> {
    await Promise.all(this.#armed.map((fault) => fault.disarm()));
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
