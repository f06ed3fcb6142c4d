import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { deployStack } from '../../../local/cloud/cdk.ts';
import type { CdkEnvironment } from '../../../local/cloud/cdk-command.ts';
import { type Emulator, startEmulator } from '../../../local/emulator.ts';
import { PROJECT } from '../../../local/project.ts';
import { rotationSettles } from '../../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../../support/function-log.ts';
import { awsOptions, servers } from '../../support/servers.ts';

export const APPLICATION: CdkEnvironment = { account: '111122223333', region: 'us-west-2' };
export const PLATFORM: CdkEnvironment = { account: '444455556666', region: 'us-west-2' };

/** An emulator with two accounts, which enforces IAM, and the Milvus servers of the run. */
export class TwoAccounts {
  readonly #emulator: Emulator;
  readonly #folder: string;

  private constructor(emulator: Emulator, folder: string) {
    this.#emulator = emulator;
    this.#folder = folder;
  }

  static async start(): Promise<TwoAccounts> {
    const folder = mkdtempSync(join(servers().access.stateDir, 'two-accounts-'));
    // The policy of the CDK's bucket requires TLS.
    const options = { retries: 0, https: true, env: { AUTH: 'true' } };
    return new TwoAccounts(await startEmulator({ ...options, dataDir: join(folder, 'aws') }), folder);
  }

  async stop(): Promise<void> {
    await this.#emulator.stop();
  }

  /** Deploys one stack of the example. @returns its outputs */
  async deploy(
    stack: string,
    at: CdkEnvironment,
    context: Record<string, string | undefined> = {},
  ): Promise<Record<string, string>> {
    const access = { ...servers().access, awsUrl: this.#emulator.url, stateDir: this.#folder };
    const { outputs } = await deployStack(access, PROJECT, this.#folder, stack, at, [
      ...['--app', 'node test/e2e/support/two-accounts-app.ts'],
      ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    ]);
    return outputs[stack] ?? {};
  }

  secretsManagerOf(at: CdkEnvironment): SecretsManager {
    return new SecretsManager(awsOptions(this.#emulator.url, at));
  }

  /** Rotates a secret of the application account. @returns the labels of the new version. */
  async rotate(secretArn: string): Promise<readonly string[]> {
    const secretsManager = this.secretsManagerOf(APPLICATION);
    await this.rotationSettles(secretArn);
    const ClientRequestToken = randomUUID();
    await secretsManager.rotateSecret({ SecretId: secretArn, ClientRequestToken });
    await this.rotationSettles(secretArn);
    const { VersionIdsToStages = {} } = await secretsManager.describeSecret({ SecretId: secretArn });
    return VersionIdsToStages[ClientRequestToken] ?? [];
  }

  /** The error messages of the function in the platform account, oldest first. */
  async failures(functionArn: string): Promise<unknown[]> {
    const options = awsOptions(this.#emulator.url, PLATFORM);
    const lines = await logLinesIn(await logGroupOf(functionArn, options), options);
    return entriesWith(lines, '"error_message"').map((entry) => entry['error_message']);
  }

  async rotationSettles(secretArn: string): Promise<void> {
    await rotationSettles(secretArn, 'idle', this.#emulator.url);
  }
}
