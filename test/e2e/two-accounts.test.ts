import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CdkEnvironment } from '../../local/cloud/cdk.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { rotationSettles } from '../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import { awsOptions, canLogIn, documentOf, newClusterUser } from '../support/servers.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';

const APPLICATION: CdkEnvironment = { account: '111122223333', region: 'us-west-2' };
const PLATFORM: CdkEnvironment = { account: '444455556666', region: 'us-west-2' };

/** Follows the order of the example. The emulator enforces the policies of both accounts. */
describe('the example function-in-another-account.ts', () => {
  let aws: EnforcedAws;
  let application: SecretsManager;
  let functionArn: string;
  let secretArn: string;

  beforeAll(async () => {
    aws = await startEnforcedAws();
    application = new SecretsManager(awsOptions(aws.access.awsUrl, APPLICATION));
    const { KeyArn: keyArn } = await deploy('Application', APPLICATION);
    const { FunctionArn = '', RoleArn: roleArn } = await deploy('Platform', PLATFORM, { keyArn });
    functionArn = FunctionArn;
    await deploy('Application', APPLICATION, { functionArn, roleArn });
    const { ARN = '' } = await application.describeSecret({ SecretId: 'milvus/orders' });
    secretArn = ARN;
    await settles();
  });

  afterAll(() => aws.stop());

  /** Deploys one stack of the example. @returns its outputs */
  async function deploy(
    stack: string,
    at: CdkEnvironment,
    context: Record<string, string | undefined> = {},
  ): Promise<Record<string, string>> {
    return (await aws.deploy('two-accounts-app.ts', context, stack, at))[stack] ?? {};
  }

  async function settles(): Promise<void> {
    await rotationSettles(secretArn, 'idle', aws.access.awsUrl);
  }

  /** Rotates the secret. @returns the labels of the new version. */
  async function rotate(): Promise<readonly string[]> {
    const ClientRequestToken = randomUUID();
    await application.rotateSecret({ SecretId: secretArn, ClientRequestToken });
    await settles();
    const { VersionIdsToStages = {} } = await application.describeSecret({ SecretId: secretArn });
    return VersionIdsToStages[ClientRequestToken] ?? [];
  }

  test('changes the password with the function of the platform account, and the application reads the new one', async () => {
    expect(secretArn).toContain(`:${APPLICATION.account}:`);
    expect(functionArn).toContain(`:${PLATFORM.account}:`);
    const user = await newClusterUser('plaintext');
    await application.putSecretValue({ SecretId: secretArn, SecretString: documentOf(user) });
    expect(await rotate()).toContain('AWSCURRENT');
    const value = await application.getSecretValue({ SecretId: secretArn });
    const { password } = parseDocument(value.SecretString ?? '');
    expect(await canLogIn({ ...user, password })).toBe(true);
    expect(await canLogIn(user)).toBe(false);
  });

  test('rotates no secret without a resource policy', async () => {
    await application.deleteResourcePolicy({ SecretId: secretArn });
    expect(await rotate()).not.toContain('AWSCURRENT');
    const platform = awsOptions(aws.access.awsUrl, PLATFORM);
    const lines = await logLinesIn(await logGroupOf(functionArn, platform), platform);
    const failures = entriesWith(lines, '"error_message"').map((entry) => entry['error_message']);
    expect(failures.at(-1)).toContain('DescribeSecret failed with AccessDeniedException');
  });
});
