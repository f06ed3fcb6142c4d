import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { deployStack } from '../../../local/cloud/cdk.ts';
import type { CdkEnvironment } from '../../../local/cloud/cdk-command.ts';
import { type Emulator, startEmulator } from '../../../local/emulator.ts';
import { PROJECT } from '../../../local/project.ts';
import { servers } from '../../support/servers.ts';

export const APPLICATION: CdkEnvironment = { account: '111122223333', region: 'us-west-2' };
export const PLATFORM: CdkEnvironment = { account: '444455556666', region: 'us-west-2' };

/** An emulator of its own that enforces IAM, with two accounts. The clusters are those of the run. */
export class TwoAccounts {
  readonly #emulator: Emulator;
  readonly #folder: string;

  private constructor(emulator: Emulator, folder: string) {
    this.#emulator = emulator;
    this.#folder = folder;
  }

  static async start(): Promise<TwoAccounts> {
    const folder = mkdtempSync(join(servers().access.stateDir, 'two-accounts-'));
    // The bucket of the CDK wants TLS, as on AWS.
    const enforcing = { retries: 0, https: true, env: { AUTH: 'true' } };
    return new TwoAccounts(await startEmulator({ ...enforcing, dataDir: join(folder, 'aws') }), folder);
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

  secretsManagerOf(at: CdkEnvironment): SecretsManagerClient {
    return new SecretsManagerClient(this.optionsOf(at));
  }

  /** @returns the labels that the new version has once nothing of its rotation runs any more. */
  async rotate(secretArn: string): Promise<readonly string[]> {
    const secretsManager = this.secretsManagerOf(APPLICATION);
    await this.settled(secretArn);
    const ClientRequestToken = randomUUID();
    await secretsManager.send(new RotateSecretCommand({ SecretId: secretArn, ClientRequestToken }));
    await this.settled(secretArn);
    const { VersionIdsToStages = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn }));
    return VersionIdsToStages[ClientRequestToken] ?? [];
  }

  /** What the function in the other account says of its failures, oldest first. */
  async failures(functionArn: string): Promise<string[]> {
    const options = this.optionsOf(PLATFORM);
    const { LoggingConfig } = await new LambdaClient(options).send(
      new GetFunctionConfigurationCommand({ FunctionName: functionArn }),
    );
    const { events = [] } = await new CloudWatchLogsClient(options).send(
      new FilterLogEventsCommand({ logGroupName: LoggingConfig?.LogGroup }),
    );
    return events.flatMap(({ message = '' }) => /"error_message":"([^"]*)"/.exec(message)?.[1] ?? []);
  }

  /** The emulator takes an access key of 12 digits for that of the account's root user. */
  optionsOf({ account, region }: CdkEnvironment): {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  } {
    const credentials = { accessKeyId: account, secretAccessKey: 'test' };
    return { endpoint: this.#emulator.url, region, credentials };
  }

  /** Returns once no step of a rotation runs, nor will by itself. */
  async settled(secretArn: string): Promise<void> {
    const query = new URLSearchParams({ secret: secretArn, wait: 'idle', timeout: '60' });
    const answer = await fetch(`${this.#emulator.url}/_local/rotation?${query.toString()}`);
    const { state } = (await answer.json()) as { state?: string };
    if (state !== 'idle') {
      throw new Error(`The rotation of ${secretArn} is ${state}.`);
    }
  }
}
