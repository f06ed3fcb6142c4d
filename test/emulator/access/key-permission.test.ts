import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createUser, policyOf, type Statement } from '../support/identities.ts';
import { account, localAws, present, refusal, region } from '../support/local-aws.ts';
import { type Answer, type Signer, signedRequest } from '../support/signed-request.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });

const refused = 'AccessDeniedException: Access to KMS is not allowed';
const secretsActions: Statement = { Action: 'secretsmanager:*' };
const viaService = { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` };

function kms(signer: Signer, action: string, body: object): Promise<Answer> {
  return signedRequest(signer, { service: 'kms', target: `TrentService.${action}`, body });
}

/** @param statements Of the key's policy. @default As AWS makes it: IAM decides. */
async function createKey(statements?: readonly Statement[]): Promise<string> {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const Policy = policyOf(statements ?? [{ Principal, Action: 'kms:*' }]);
  const { body } = await kms(aws.clientConfig, 'CreateKey', { Policy });
  return (JSON.parse(body) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
}

async function secretUnder(KmsKeyId: string): Promise<{ arn: string; version: string }> {
  const input = { Name: `secret-${randomUUID()}`, SecretString: 'first value', KmsKeyId };
  const made = await aws.secrets.send(new CreateSecretCommand(input));
  return { arn: present(made.ARN), version: present(made.VersionId) };
}

async function userWith(...statements: readonly Statement[]): Promise<SecretsManagerClient> {
  const config = await createUser(aws.clientConfig, [secretsActions, ...statements]);
  return new SecretsManagerClient({ ...config, maxAttempts: 1 });
}

async function reads(client: SecretsManagerClient, SecretId: string): Promise<string> {
  return client.send(new GetSecretValueCommand({ SecretId })).then(
    ({ SecretString = '' }) => SecretString,
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('under a customer managed key', () => {
  test('a value is read by who may decrypt with it, through Secrets Manager, for that version of that secret', async () => {
    const key = await createKey();
    const { arn, version } = await secretUnder(key);
    const allowing = (condition: object): Promise<SecretsManagerClient> =>
      userWith({ Action: 'kms:Decrypt', Resource: key, Condition: { StringEquals: condition } });
    const context = {
      'kms:EncryptionContext:SecretARN': arn,
      'kms:EncryptionContext:SecretVersionId': version,
    };
    expect(await reads(await allowing({ ...viaService, ...context }), arn)).toBe('first value');
    expect(await reads(await userWith(), arn)).toBe(refused);
    const others = [
      { 'kms:ViaService': `s3.${region}.amazonaws.com` },
      { 'kms:EncryptionContext:SecretARN': `${arn}x` },
      { 'kms:EncryptionContext:SecretVersionId': randomUUID() },
    ];
    for (const other of others) {
      expect(await reads(await allowing({ ...viaService, ...context, ...other }), arn)).toBe(refused);
    }
  });

  test('a value is stored by who may both make a data key and decrypt with it; else nothing is stored', async () => {
    const key = await createKey();
    const { arn, version } = await secretUnder(key);
    const both = ['kms:GenerateDataKey', 'kms:Decrypt'];
    const Condition = { StringEquals: { ...viaService, 'kms:EncryptionContext:SecretARN': arn } };
    for (const Action of both) {
      const client = await userWith({ Action, Resource: key, Condition });
      const value = { SecretId: arn, SecretString: 'second value' };
      expect(await refusal(client.send(new PutSecretValueCommand(value)))).toBe(refused);
      expect(await refusal(client.send(new UpdateSecretCommand(value)))).toBe(refused);
    }
    expect(await aws.holder(arn, 'AWSCURRENT')).toBe(version);
    const client = await userWith({ Action: both, Resource: key, Condition });
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'second value' }));
    expect(await aws.value(arn)).toBe('second value');
    await client.send(new UpdateSecretCommand({ SecretId: arn, SecretString: 'third value' }));
    expect(await aws.value(arn)).toBe('third value');
  });

  test('a secret is created with the key, and moved to another, by who may use that one', async () => {
    const [first, second] = await Promise.all([createKey(), createKey()]);
    const client = await userWith({ Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: first });
    const Name = `secret-${randomUUID()}`;
    const input = { Name, SecretString: 'value' };
    expect(await refusal(client.send(new CreateSecretCommand({ ...input, KmsKeyId: second })))).toBe(refused);
    expect(await refusal(client.send(new DescribeSecretCommand({ SecretId: Name })))).toMatch(/^ResourceNotFound/);
    await client.send(new CreateSecretCommand({ ...input, KmsKeyId: first }));
    expect(await refusal(client.send(new UpdateSecretCommand({ SecretId: Name, KmsKeyId: second })))).toBe(refused);
    expect((await aws.describe(Name)).KmsKeyId).toBe(first);
  });

  test('a key that a secret is to have is tried first, with a version of that name', async () => {
    const [first, second] = await Promise.all([createKey(), createKey()]);
    const version = (id: string): object => ({ StringEquals: { 'kms:EncryptionContext:SecretVersionId': id } });
    const Action = ['kms:GenerateDataKey', 'kms:Decrypt'];
    const trying = await userWith({ Action, Condition: version('RequestToValidateKeyAccess') });
    const made = await trying.send(new CreateSecretCommand({ Name: `secret-${randomUUID()}`, KmsKeyId: first }));
    await trying.send(new UpdateSecretCommand({ SecretId: made.ARN, KmsKeyId: second }));
    expect((await aws.describe(present(made.ARN))).KmsKeyId).toBe(second);
    const other = await userWith({ Action, Condition: version(randomUUID()) });
    const create = new CreateSecretCommand({ Name: `secret-${randomUUID()}`, KmsKeyId: first });
    expect(await refusal(other.send(create))).toBe(refused);
  });

  test('a key that KMS does not have is decided by the permissions of the caller alone', async () => {
    const { arn } = await secretUnder(`arn:aws:kms:${region}:${account}:key/${randomUUID()}`);
    expect(await reads(await userWith(), arn)).toBe(refused);
    expect(await reads(await userWith({ Action: 'kms:Decrypt' }), arn)).toBe('first value');
  });

  test("the key's own policy decides too: it lets IAM decide, or names the caller, or nobody gets in", async () => {
    const onlyAdministrators = await createKey([
      { Principal: { AWS: `arn:aws:iam::${account}:user/x` }, Action: 'kms:*' },
    ]);
    const closed = await secretUnder(onlyAdministrators);
    expect(await reads(await userWith({ Action: 'kms:*' }), closed.arn)).toBe(refused);

    const config = await createUser(aws.clientConfig, [secretsActions]);
    const naming = await createKey([
      { Principal: { AWS: config.userArn }, Action: 'kms:Decrypt', Condition: { StringEquals: viaService } },
    ]);
    const named = await secretUnder(naming);
    expect(await reads(new SecretsManagerClient(config), named.arn)).toBe('first value');
  });

  test('a permissions boundary without the key denies it', async () => {
    const { arn } = await secretUnder(await createKey());
    const statements = [secretsActions, { Action: 'kms:*' }];
    const [within, free] = await Promise.all([
      createUser(aws.clientConfig, statements, [secretsActions]),
      createUser(aws.clientConfig, statements, statements),
    ]);
    expect(await reads(new SecretsManagerClient({ ...within, maxAttempts: 1 }), arn)).toBe(refused);
    expect(await reads(new SecretsManagerClient(free), arn)).toBe('first value');
  });

  test('the root user needs no permission', async () => {
    const { arn } = await secretUnder(await createKey());
    expect(await aws.value(arn)).toBe('first value');
  });
});

test("AWS's own key asks for no permission", async () => {
  const { arn } = await secretUnder('alias/aws/secretsmanager');
  expect(await reads(await userWith(), arn)).toBe('first value');
  expect(await reads(await userWith(), await aws.secret())).toBe('first value');
});

describe('a call of KMS itself', () => {
  test('does not come through Secrets Manager', async () => {
    const key = await createKey();
    const Condition = { StringEquals: viaService };
    const config = await createUser(aws.clientConfig, [{ Action: 'kms:*', Resource: key, Condition }]);
    const { ok, body } = await kms(config, 'GenerateDataKey', { KeyId: key, KeySpec: 'AES_256' });
    expect(ok).toBe(false);
    expect(body).toContain('AccessDenied');
  });

  test('has the encryption context that it names', async () => {
    const key = await createKey();
    const Condition = { StringEquals: { 'kms:EncryptionContext:SecretARN': 'the secret' } };
    const config = await createUser(aws.clientConfig, [{ Action: 'kms:*', Resource: key, Condition }]);
    const asked = { KeyId: key, KeySpec: 'AES_256' };
    const call = (EncryptionContext: object): Promise<Answer> =>
      kms(config, 'GenerateDataKey', { ...asked, EncryptionContext });
    expect(await call({ SecretARN: 'the secret' })).toMatchObject({ ok: true });
    expect(await call({ SecretARN: 'another' })).toMatchObject({ ok: false });
    expect(await call({})).toMatchObject({ ok: false });
  });
});
