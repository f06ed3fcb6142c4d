import { randomBytes, randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { awsOptions } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { newDocument } from '../../secret/new-secret.ts';
import { createFunction } from '../cloud/lambda-function.ts';
import { EmulatorControl } from '../faults/emulator-control.ts';

/** Creates a function that does nothing. The emulator invokes it after the measured steps. */
export async function createIdleFunction(cloud: AttachedCloud): Promise<string> {
  const name = `idle-${randomBytes(4).toString('hex')}`;
  return await createFunction(cloud, name, 'export const handler = async () => {};');
}

/** The secret of a cluster user, which the benchmark rotates step by step. */
export class RotatedSecret {
  readonly arn: string;
  readonly #client: SecretsManager;
  readonly #control: EmulatorControl;

  private constructor(arn: string, client: SecretsManager, control: EmulatorControl) {
    this.arn = arn;
    this.#client = client;
    this.#control = control;
  }

  /**
   * Creates the user and the secret.
   *
   * @param endpoint where the measured function reaches the cluster.
   * @param idleFunction see {@link createIdleFunction}.
   */
  static async create(cloud: AttachedCloud, endpoint: string, idleFunction: string): Promise<RotatedSecret> {
    const username = `bench_${randomBytes(6).toString('hex')}`;
    const password = `${randomBytes(24).toString('base64url')}aA1-`;
    await cloud.createClusterUser('plaintext', { username, password });
    const client = new SecretsManager(awsOptions(cloud.access));
    const value = newDocument({ endpoint, username, password });
    const { ARN: arn = '' } = await client.createSecret({ Name: username, SecretString: value });
    await client.rotateSecret({
      SecretId: arn,
      RotationLambdaARN: idleFunction,
      RotationRules: { AutomaticallyAfterDays: 300 },
      RotateImmediately: false,
    });
    const control = new EmulatorControl(cloud.access.awsUrl, username);
    await control.reaches('idle');
    return new RotatedSecret(arn, client, control);
  }

  /**
   * Starts a rotation as Secrets Manager does, and lets `runSteps` run its steps.
   *
   * @throws Error if AWSCURRENT is on another version afterwards.
   */
  async rotate<T>(runSteps: (version: string) => Promise<T>): Promise<T> {
    const version = randomUUID();
    await this.#control.holdBefore('createSecret');
    await this.#client.rotateSecret({ SecretId: this.arn, ClientRequestToken: version });
    await this.#control.reaches('held');
    try {
      const result = await runSteps(version);
      const { VersionIdsToStages = {} } = await this.#client.describeSecret({ SecretId: this.arn });
      if (VersionIdsToStages[version]?.includes('AWSCURRENT') !== true) {
        throw new Error(`The rotation of ${this.arn} did not move AWSCURRENT.`);
      }
      return result;
    } finally {
      await this.#control.release();
      await this.#control.reaches('idle');
    }
  }
}
