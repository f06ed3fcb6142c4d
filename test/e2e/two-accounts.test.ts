import {
  DeleteResourcePolicyCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { parseDocument } from '../../secret/document.ts';
import { newClusterUser } from '../support/servers.ts';
import { APPLICATION, PLATFORM, TwoAccounts } from './support/two-accounts.ts';

/** In the order that the example names, under an enforced IAM: each account lets the other in by its policies or not at all. */
describe('the example function-in-another-account.ts', () => {
  let accounts: TwoAccounts;
  let application: SecretsManagerClient;
  let functionArn: string;
  let secretArn: string;

  beforeAll(async () => {
    accounts = await TwoAccounts.start();
    application = accounts.secretsManagerOf(APPLICATION);
    const { KeyArn } = await accounts.deploy('Application', APPLICATION);
    const { FunctionArn = '', RoleArn } = await accounts.deploy('Platform', PLATFORM, { keyArn: KeyArn });
    functionArn = FunctionArn;
    await accounts.deploy('Application', APPLICATION, { functionArn, roleArn: RoleArn });
    const { ARN = '' } = await application.send(new DescribeSecretCommand({ SecretId: 'milvus/orders' }));
    secretArn = ARN;
  }, 120_000);

  afterAll(() => accounts.stop(), 30_000);

  test('gives the secret of the application a schedule with the function of the platform', async () => {
    expect(secretArn).toContain(`:${APPLICATION.account}:`);
    expect(functionArn).toContain(`:${PLATFORM.account}:`);
    expect(await application.send(new DescribeSecretCommand({ SecretId: secretArn }))).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: functionArn,
    });
  });

  test('rotates it: the platform changes the password, and the application reads the new one', async () => {
    const user = await newClusterUser('plaintext');
    const { endpoint, username, password: before } = user;
    const SecretString = JSON.stringify({ endpoint: endpoint.url, username, password: before });
    // A value that is stored during the test of the deployment would end it.
    await accounts.settled(secretArn);
    await application.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString }));
    expect(await accounts.rotate(secretArn)).toContain('AWSCURRENT');
    const value = await application.send(new GetSecretValueCommand({ SecretId: secretArn }));
    const { password } = parseDocument(value.SecretString ?? '');
    const cluster = createMilvusCluster();
    expect((await cluster.authenticates({ ...user, password })).kind).toBe('accepted');
    expect((await cluster.authenticates(user)).kind).toBe('rejected');
  });

  test('does not without the policy of the secret', async () => {
    await application.send(new DeleteResourcePolicyCommand({ SecretId: secretArn }));
    expect(await accounts.rotate(secretArn)).not.toContain('AWSCURRENT');
    const failures = await accounts.failures(functionArn);
    expect(failures.at(-1)).toContain('DescribeSecret failed with AccessDeniedException');
  });
});
