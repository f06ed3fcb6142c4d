import {
  CancelRotateSecretCommand,
  PutResourcePolicyCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createRole, createUser } from '../support/identities.ts';
import { account, localAws, refusal } from '../support/local-aws.ts';

const aws = localAws({ retries: 0, https: true, env: { AUTH: 'true' } });

const role = (Action: readonly string[]): Promise<string> => createRole(aws.clientConfig, [{ Action }]);

/** A Secrets Manager client of an IAM user who may do these things. */
async function user(Action: readonly string[]): Promise<SecretsManagerClient> {
  return new SecretsManagerClient({ ...(await createUser(aws.clientConfig, [{ Action }])), maxAttempts: 1 });
}

const needed = ['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
  (action) => `secretsmanager:${action}`,
);

describe('with IAM enforced', { timeout: 60_000 }, () => {
  test('a rotation runs with the permissions of the function, started by a user who may only start it', async () => {
    const [secretId, rotation] = await Promise.all([
      aws.secret(),
      role(needed).then((arn) => aws.rotationFunction({ role: arn })),
    ]);
    const operator = await user(['secretsmanager:RotateSecret']);
    const received = await aws.eventsOf(secretId);
    const input = { SecretId: secretId, RotationLambdaARN: rotation.arn };
    const { VersionId } = await operator.send(new RotateSecretCommand(input));
    await received('RotationSucceeded');
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(VersionId);
  });

  test('a function without the permission to put a value fails its rotation', async () => {
    const without = needed.filter((action) => !action.endsWith(':PutSecretValue'));
    const [secretId, rotation] = await Promise.all([
      aws.secret(),
      role(without).then((arn) => aws.rotationFunction({ role: arn })),
    ]);
    await aws.rotate(secretId, { RotationLambdaARN: rotation.arn });
    expect((await aws.until(secretId, 'idle')).history.at(-1)).toMatchObject({ event: 'RotationFailed' });
    expect(rotation.notes().map((note) => note.Step)).toEqual(['createSecret']);
  });

  test('a user without RotateSecret and CancelRotateSecret is refused both', async () => {
    const [secretId, rotation] = await Promise.all([
      aws.secret(),
      role(needed).then((arn) => aws.rotationFunction({ role: arn })),
    ]);
    const reader = await user(['secretsmanager:DescribeSecret']);
    const start = reader.send(new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: rotation.arn }));
    expect(await refusal(start)).toMatch(/^AccessDeniedException: .*secretsmanager:RotateSecret/);
    const cancel = reader.send(new CancelRotateSecretCommand({ SecretId: secretId }));
    expect(await refusal(cancel)).toMatch(/^AccessDeniedException: .*secretsmanager:CancelRotateSecret/);
    expect((await aws.describe(secretId)).RotationEnabled).toBeUndefined();
  });

  test('a policy that denies plain HTTP lets the rotation through, as requests count as made over TLS', async () => {
    const [secretId, rotation] = await Promise.all([
      aws.secret(),
      role(needed).then((arn) => aws.rotationFunction({ role: arn })),
    ]);
    const deny = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'secretsmanager:*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    };
    await aws.secrets.send(new PutResourcePolicyCommand({ SecretId: secretId, ResourcePolicy: JSON.stringify(deny) }));
    await aws.rotate(secretId, { RotationLambdaARN: rotation.arn });
    expect((await aws.until(secretId, 'idle')).history.at(-1)?.event).toBe('RotationSucceeded');
  });
});
