import { randomUUID } from 'node:crypto';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CancelRotateSecretCommand,
  PutResourcePolicyCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { account, localAws, present, refusal } from './support/local-aws.ts';

const aws = localAws({ retries: 0, https: true, env: { AUTH: 'true' } });
const iam = () => new IAMClient(aws.clientConfig);

const policy = (actions: readonly string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });

async function role(actions: readonly string[]): Promise<string> {
  const RoleName = `role-${randomUUID()}`;
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const { Role } = await iam().send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await iam().send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument: policy(actions) }));
  return present(Role?.Arn);
}

/** A Secrets Manager client of an IAM user who may do these things. */
async function user(actions: readonly string[]): Promise<SecretsManagerClient> {
  const UserName = `user-${randomUUID()}`;
  await iam().send(new CreateUserCommand({ UserName }));
  await iam().send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: policy(actions) }));
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName }));
  const credentials = {
    accessKeyId: present(AccessKey?.AccessKeyId),
    secretAccessKey: present(AccessKey?.SecretAccessKey),
  };
  return new SecretsManagerClient({ ...aws.clientConfig, credentials, maxAttempts: 1 });
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
