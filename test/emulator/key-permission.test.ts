import { randomUUID } from 'node:crypto';
import { KMS } from '@aws-sdk/client-kms';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createUser, policyOf, type Statement } from './support/identities.ts';
import { account, localAws, present, refusal, region } from './support/local-aws.ts';

// test/e2e/least-privilege.test.ts proves the conditions of the permission on a key.
const aws = localAws({ enforcesIam: true });

const refused = 'AccessDeniedException: Access to KMS is not allowed';
const secretsActions: Statement = { Action: 'secretsmanager:*' };
const viaService = { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` };

/** @param statements The statements of the key's policy. @default AWS's default: IAM decides */
async function createKey(statements?: readonly Statement[]): Promise<string> {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const Policy = policyOf(statements ?? [{ Principal, Action: 'kms:*' }]);
  const { KeyMetadata } = await new KMS(aws.clientConfig).createKey({ Policy });
  return present(KeyMetadata?.Arn);
}

async function secretUnder(KmsKeyId: string): Promise<{ arn: string; version: string }> {
  const input = { Name: `secret-${randomUUID()}`, SecretString: 'first value', KmsKeyId };
  const made = await aws.secrets.createSecret(input);
  return { arn: present(made.ARN), version: present(made.VersionId) };
}

async function userWith(...statements: readonly Statement[]): Promise<SecretsManager> {
  return new SecretsManager(await createUser(aws.clientConfig, [secretsActions, ...statements]));
}

async function read(client: SecretsManager, SecretId: string, VersionId?: string): Promise<string> {
  return client.getSecretValue({ SecretId, VersionId }).then(
    ({ SecretString = '' }) => SecretString,
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('under a customer managed key', () => {
  test('storing needs kms:GenerateDataKey and kms:Decrypt; a refused call stores nothing', async () => {
    const key = await createKey();
    const { arn, version } = await secretUnder(key);
    const both = ['kms:GenerateDataKey', 'kms:Decrypt'];
    const Condition = { StringEquals: { ...viaService, 'kms:EncryptionContext:SecretARN': arn } };
    for (const Action of both) {
      const client = await userWith({ Action, Resource: key, Condition });
      const value = { SecretId: arn, SecretString: 'second value' };
      expect(await refusal(client.putSecretValue(value))).toBe(refused);
      expect(await refusal(client.updateSecret(value))).toBe(refused);
    }
    expect(await aws.holder(arn, 'AWSCURRENT')).toBe(version);
    const client = await userWith({ Action: both, Resource: key, Condition });
    await client.putSecretValue({ SecretId: arn, SecretString: 'second value' });
    expect(await aws.value(arn)).toBe('second value');
    await client.updateSecret({ SecretId: arn, SecretString: 'third value' });
    expect(await aws.value(arn)).toBe('third value');
  });

  test('CreateSecret and UpdateSecret need permission to use the new key, for a version that is no version', async () => {
    const [first, second] = await Promise.all([createKey(), createKey()]);
    const Condition = { StringEquals: { 'kms:EncryptionContext:SecretVersionId': 'RequestToValidateKeyAccess' } };
    const client = await userWith({ Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: first, Condition });
    const Name = `secret-${randomUUID()}`;
    expect(await refusal(client.createSecret({ Name, KmsKeyId: second }))).toBe(refused);
    expect(await refusal(client.describeSecret({ SecretId: Name }))).toMatch(/^ResourceNotFound/);
    await client.createSecret({ Name, KmsKeyId: first });
    expect(await refusal(client.updateSecret({ SecretId: Name, KmsKeyId: second }))).toBe(refused);
    expect((await aws.describe(Name)).KmsKeyId).toBe(first);
  });
});

describe('after a change of the key', () => {
  const store = async (SecretId: string, SecretString: string): Promise<string> => {
    const answer = await aws.secrets.putSecretValue({ SecretId, SecretString });
    return present(answer.VersionId);
  };
  const readerUnder = (key: string): Promise<SecretsManager> => userWith({ Action: 'kms:Decrypt', Resource: key });

  test('both keys decrypt the versions with a label of AWS, and only the previous key the others', async () => {
    const [previous, next] = await Promise.all([createKey(), createKey()]);
    const { arn, version: unlabelled } = await secretUnder(previous);
    const labelled = [await store(arn, 'second value'), await store(arn, 'third value')];
    await aws.secrets.updateSecret({ SecretId: arn, KmsKeyId: next });
    const [before, after] = await Promise.all([readerUnder(previous), readerUnder(next)]);
    for (const version of labelled) {
      expect(await read(before, arn, version)).toMatch(/value$/);
      expect(await read(after, arn, version)).toMatch(/value$/);
    }
    expect(await read(before, arn, unlabelled)).toBe('first value');
    expect(await read(after, arn, unlabelled)).toBe(refused);
    const newest = await store(arn, 'fourth value');
    expect(await read(before, arn, newest)).toBe(refused);
    expect(await read(after, arn, newest)).toBe('fourth value');
  });

  test('by a caller who may not use the previous key, no version is encrypted again', async () => {
    const [previous, next] = await Promise.all([createKey(), createKey()]);
    const { arn } = await secretUnder(previous);
    const administrator = await userWith({ Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: next });
    await administrator.updateSecret({ SecretId: arn, KmsKeyId: next, SecretString: 'second value' });
    const [before, after] = await Promise.all([readerUnder(previous), readerUnder(next)]);
    const first = present(await aws.holder(arn, 'AWSPREVIOUS'));
    expect(await read(after, arn)).toBe('second value');
    expect(await read(after, arn, first)).toBe(refused);
    expect(await read(before, arn, first)).toBe('first value');
  });
});

test('a user without permission cannot call RotateSecret or CancelRotateSecret', async () => {
  const SecretId = await aws.secret();
  const RotationLambdaARN = `arn:aws:lambda:${region}:${account}:function:any`;
  const reader = new SecretsManager(await createUser(aws.clientConfig, [{ Action: 'secretsmanager:DescribeSecret' }]));
  expect(await refusal(reader.rotateSecret({ SecretId, RotationLambdaARN }))).toMatch(/^AccessDeniedException/);
  expect(await refusal(reader.cancelRotateSecret({ SecretId }))).toMatch(/^AccessDeniedException/);
  expect((await aws.describe(SecretId)).RotationEnabled).toBeUndefined();
});

test("AWS's own key needs no permission, and the root user needs none for any key", async () => {
  const { arn } = await secretUnder('alias/aws/secretsmanager');
  expect(await read(await userWith(), arn)).toBe('first value');
  expect(await read(await userWith(), await aws.secret())).toBe('first value');
  expect(await aws.value((await secretUnder(await createKey())).arn)).toBe('first value');
});
