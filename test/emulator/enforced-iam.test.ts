import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createRole, createUser, policyOf } from './support/identities.ts';
import { account, localAws, refusal } from './support/local-aws.ts';

const aws = localAws({ retries: 0, enforcesIam: true });

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
