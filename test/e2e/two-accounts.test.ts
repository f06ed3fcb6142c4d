import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from '../../protocol/secret/document.ts';
import { canLogIn, newClusterUser } from '../support/servers.ts';
import { APPLICATION, PLATFORM, TwoAccounts } from './support/two-accounts.ts';

/** Follows the order of the example. The emulator enforces the policies of both accounts. */
describe('the example function-in-another-account.ts', () => {
  let accounts: TwoAccounts;
  let application: SecretsManager;
  let functionArn: string;
  let secretArn: string;

  beforeAll(async () => {
    accounts = await TwoAccounts.start();
    application = accounts.secretsManagerOf(APPLICATION);
    const { KeyArn } = await accounts.deploy('Application', APPLICATION);
    const { FunctionArn = '', RoleArn } = await accounts.deploy('Platform', PLATFORM, { keyArn: KeyArn });
    functionArn = FunctionArn;
    await accounts.deploy('Application', APPLICATION, { functionArn, roleArn: RoleArn });
    const { ARN = '' } = await application.describeSecret({ SecretId: 'milvus/orders' });
    secretArn = ARN;
  });

  afterAll(() => accounts.stop());

  test('gives the secret of the application account a schedule with the function of the platform account', async () => {
    expect(secretArn).toContain(`:${APPLICATION.account}:`);
    expect(functionArn).toContain(`:${PLATFORM.account}:`);
    expect(await application.describeSecret({ SecretId: secretArn })).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: functionArn,
    });
  });

  test('changes the password with the function of the platform account, and the application reads the new password', async () => {
    const user = await newClusterUser('plaintext');
    const { endpoint, ...credential } = user;
    const SecretString = JSON.stringify({ endpoint: endpoint.url, ...credential });
    // A value that is stored while Secrets Manager tests the new schedule ends this test.
    await accounts.rotationSettles(secretArn);
    await application.putSecretValue({ SecretId: secretArn, SecretString });
    expect(await accounts.rotate(secretArn)).toContain('AWSCURRENT');
    const value = await application.getSecretValue({ SecretId: secretArn });
    const { password } = parseDocument(value.SecretString ?? '');
    expect(await canLogIn({ ...user, password })).toBe(true);
    expect(await canLogIn(user)).toBe(false);
  });

  test('rotates no secret without a resource policy', async () => {
    await application.deleteResourcePolicy({ SecretId: secretArn });
    expect(await accounts.rotate(secretArn)).not.toContain('AWSCURRENT');
    const failures = await accounts.failures(functionArn);
    expect(failures.at(-1)).toContain('DescribeSecret failed with AccessDeniedException');
  });
});
