import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createRole, createUser, policyOf } from './support/identities.ts';
import { account, localAws, present, refusal } from './support/local-aws.ts';

const aws = localAws({ retries: 0, https: true, env: { AUTH: 'true' } });

const role = (Action: readonly string[]): Promise<string> => createRole(aws.clientConfig, [{ Action }]);

/** A Secrets Manager client of an IAM user with these permissions. */
async function user(Action: readonly string[]): Promise<SecretsManager> {
  return new SecretsManager(await createUser(aws.clientConfig, [{ Action }]));
}

const NEEDED = ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
  (action) => `secretsmanager:${action}`,
);

describe('with IAM enforced', { timeout: 60_000 }, () => {
  test('a user who may only call RotateSecret starts a rotation, which uses the role of the function', async () => {
    const { secretId, rotation } = await aws.secretAndFunction({ role: await role(NEEDED) });
    const operator = await user(['secretsmanager:RotateSecret']);
    const received = await aws.eventsOf(secretId);
    const input = { SecretId: secretId, RotationLambdaARN: rotation.arn };
    const { VersionId } = await operator.rotateSecret(input);
    await received('RotationSucceeded');
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(VersionId);
  });

  test('a rotation fails if the function may not call PutSecretValue', async () => {
    const without = NEEDED.filter((action) => !action.endsWith(':PutSecretValue'));
    const { secretId, rotation } = await aws.secretAndFunction({ role: await role(without) });
    const { history } = await aws.rotateToEnd(secretId, { RotationLambdaARN: rotation.arn });
    expect(history.at(-1)).toMatchObject({ event: 'RotationFailed' });
    expect(rotation.notes().map((note) => note.Step)).toEqual(['createSecret']);
  });

  test('a user without permission cannot call RotateSecret or CancelRotateSecret', async () => {
    const { secretId, rotation } = await aws.secretAndFunction({ role: await role(NEEDED) });
    const reader = await user(['secretsmanager:DescribeSecret']);
    const start = reader.rotateSecret({ SecretId: secretId, RotationLambdaARN: rotation.arn });
    expect(await refusal(start)).toMatch(/^AccessDeniedException: .*secretsmanager:RotateSecret/);
    const cancel = reader.cancelRotateSecret({ SecretId: secretId });
    expect(await refusal(cancel)).toMatch(/^AccessDeniedException: .*secretsmanager:CancelRotateSecret/);
    expect((await aws.describe(secretId)).RotationEnabled).toBeUndefined();
  });

  test('a policy that denies plain HTTP allows a rotation, because requests count as sent over TLS', async () => {
    const { secretId, rotation } = await aws.secretAndFunction({ role: await role(NEEDED) });
    const ResourcePolicy = policyOf([
      {
        Effect: 'Deny',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'secretsmanager:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
    await aws.secrets.putResourcePolicy({ SecretId: secretId, ResourcePolicy });
    const { history } = await aws.rotateToEnd(secretId, { RotationLambdaARN: rotation.arn });
    expect(history.at(-1)?.event).toBe('RotationSucceeded');
  });
});

describe('a secret of another account', { timeout: 60_000 }, () => {
  const OWNER = '111122223333';
  const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];
  /** The root user of the secret's account, whose access key is the account id. */
  const owner = (): SecretsManager =>
    new SecretsManager({ ...aws.clientConfig, credentials: { accessKeyId: OWNER, secretAccessKey: 'test' } });

  async function secretWithPolicy(principal?: string): Promise<string> {
    const { ARN } = await owner().createSecret({ Name: randomUUID(), SecretString: 'theirs' });
    if (principal !== undefined) {
      const ResourcePolicy = policyOf([{ Principal: { AWS: principal }, Action: READ }]);
      await owner().putResourcePolicy({ SecretId: present(ARN), ResourcePolicy });
    }
    return present(ARN);
  }

  test('is readable by its full ARN if the policies of both the caller and the secret allow the action', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, [{ Action: READ }]);
    const SecretId = await secretWithPolicy(userArn);
    const reader = new SecretsManager(config);
    expect(SecretId).toContain(`:${OWNER}:`);
    expect(await reader.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'theirs' });
    expect(await reader.describeSecret({ SecretId })).toMatchObject({ ARN: SecretId });
  });

  test('refuses callers that its policy does not name, including a root user', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, [{ Action: 'secretsmanager:*' }]);
    const writer = new SecretsManager(config);
    const read = { SecretId: await secretWithPolicy() };
    const noPolicy = /^AccessDeniedException: .*secretsmanager:GetSecretValue.*no resource-based policy allows/;
    expect(await refusal(writer.getSecretValue(read))).toMatch(noPolicy);
    expect(await refusal(aws.secrets.getSecretValue(read))).toMatch(noPolicy);
    const write = { SecretId: await secretWithPolicy(userArn), SecretString: 'ours' };
    expect(await refusal(writer.putSecretValue(write))).toMatch(/^AccessDeniedException: .*PutSecretValue/);
  });

  test('refuses callers whose own policies do not allow the action', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, []);
    const SecretId = await secretWithPolicy(userArn);
    const stranger = new SecretsManager(config);
    expect(await refusal(stranger.getSecretValue({ SecretId }))).toMatch(/^AccessDeniedException/);
  });

  test('is not found by its name', async () => {
    const { Name } = await owner().describeSecret({ SecretId: await secretWithPolicy() });
    const read = aws.secrets.getSecretValue({ SecretId: present(Name) });
    expect(await refusal(read)).toMatch(/^ResourceNotFoundException/);
  });
});
