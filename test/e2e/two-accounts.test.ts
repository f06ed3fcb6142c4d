import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployStack } from '../../local/cloud/cdk.ts';
import type { CdkEnvironment } from '../../local/cloud/cdk-command.ts';
import { PROJECT } from '../../local/project.ts';
import { rotationSettles } from '../support/deployed-rotation.ts';
import { awsOptions, servers } from '../support/servers.ts';

const APPLICATION = { account: '111122223333', region: 'us-west-2' };
const PLATFORM = { account: '444455556666', region: 'us-west-2' };

/**
 * In two accounts of the emulator, in the order that the example names. The emulator looks for a secret only in the account of its
 * caller, so the function gets as far as its first read.
 */
describe('the example function-in-another-account.ts', () => {
  let functionArn: string;
  let secret: DescribeSecretCommandOutput;

  beforeAll(async () => {
    const folder = mkdtempSync(join(servers().access.stateDir, 'two-accounts-'));
    const { KeyArn } = await deployed(folder, 'Application', APPLICATION, {});
    const { FunctionArn = '', RoleArn } = await deployed(folder, 'Platform', PLATFORM, { keyArn: KeyArn });
    functionArn = FunctionArn;
    await deployed(folder, 'Application', APPLICATION, { functionArn, roleArn: RoleArn });
    secret = await new SecretsManagerClient(optionsOf(APPLICATION)).send(
      new DescribeSecretCommand({ SecretId: 'milvus/orders' }),
    );
  }, 120_000);

  test('gives the secret of the application a schedule with the function of the platform', () => {
    expect(secret.ARN).toContain(`:${APPLICATION.account}:`);
    expect(functionArn).toContain(`:${PLATFORM.account}:`);
    expect(secret).toMatchObject({ RotationEnabled: true, RotationLambdaARN: functionArn });
  });

  test('has Secrets Manager of the application invoke it, and takes that secret for one of its own', async () => {
    const secretArn = secret.ARN ?? '';
    await rotationSettles(secretArn);
    const { LoggingConfig } = await new LambdaClient(optionsOf(PLATFORM)).send(
      new GetFunctionConfigurationCommand({ FunctionName: functionArn }),
    );
    const { events = [] } = await new CloudWatchLogsClient(optionsOf(PLATFORM)).send(
      new FilterLogEventsCommand({ logGroupName: LoggingConfig?.LogGroup }),
    );
    const lines = events.map(({ message = '' }) => message).filter((line) => line.includes(secretArn));
    expect(lines.some((line) => line.includes('"step-started"') && line.includes('"testSecret"'))).toBe(true);
    expect(lines.filter((line) => line.includes('SECRET_NOT_CONFIGURED'))).toEqual([]);
  });
});

async function deployed(
  folder: string,
  stack: string,
  at: CdkEnvironment,
  context: Record<string, string | undefined>,
): Promise<Record<string, string>> {
  const { outputs } = await deployStack(servers().access, PROJECT, folder, stack, at, [
    ...['--app', 'node examples/cdk/function-in-another-account.ts'],
    ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
  ]);
  return outputs[stack] ?? {};
}

/** The emulator takes an access key of 12 digits for that of the account's root user. */
function optionsOf({ account, region }: CdkEnvironment): ReturnType<typeof awsOptions> {
  return { ...awsOptions(), region, credentials: { accessKeyId: account, secretAccessKey: 'test' } };
}
