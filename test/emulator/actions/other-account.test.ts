import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createUser, policyOf } from '../support/identities.ts';
import { localAws, present, refusal } from '../support/local-aws.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });

const OWNER = '111122223333';
/** The root user of the secret's account, whose access key is the account id. */
const owner = (): SecretsManager =>
  new SecretsManager({ ...aws.clientConfig, credentials: { accessKeyId: OWNER, secretAccessKey: 'test' } });

async function secretWithPolicy(principal: string | undefined, Action: readonly string[]): Promise<string> {
  const { ARN } = await owner().createSecret({ Name: randomUUID(), SecretString: 'theirs' });
  if (principal !== undefined) {
    const ResourcePolicy = policyOf([{ Principal: { AWS: principal }, Action }]);
    await owner().putResourcePolicy({ SecretId: present(ARN), ResourcePolicy });
  }
  return present(ARN);
}

const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

describe('a secret of another account', { timeout: 60_000 }, () => {
  test('is readable by its full ARN if the policies of both the caller and the secret allow the action', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, [{ Action: READ }]);
    const SecretId = await secretWithPolicy(userArn, READ);
    const user = new SecretsManager(config);
    expect(SecretId).toContain(`:${OWNER}:`);
    expect(await user.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'theirs' });
    expect(await user.describeSecret({ SecretId })).toMatchObject({ ARN: SecretId });
  });

  test('refuses callers that its policy does not name, including a root user', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, [{ Action: 'secretsmanager:*' }]);
    const user = new SecretsManager(config);
    const read = { SecretId: await secretWithPolicy(undefined, READ) };
    const noPolicy = /^AccessDeniedException: .*secretsmanager:GetSecretValue.*no resource-based policy allows/;
    expect(await refusal(user.getSecretValue(read))).toMatch(noPolicy);
    expect(await refusal(aws.secrets.getSecretValue(read))).toMatch(noPolicy);
    const write = { SecretId: await secretWithPolicy(userArn, READ), SecretString: 'ours' };
    expect(await refusal(user.putSecretValue(write))).toMatch(/^AccessDeniedException: .*PutSecretValue/);
  });

  test('refuses callers whose own policies do not allow the action', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, []);
    const SecretId = await secretWithPolicy(userArn, READ);
    const user = new SecretsManager(config);
    expect(await refusal(user.getSecretValue({ SecretId }))).toMatch(/^AccessDeniedException/);
  });

  test('is not found by its name or after its deletion', async () => {
    const SecretId = await secretWithPolicy(undefined, READ);
    const missing = /^ResourceNotFoundException/;
    const { Name } = await owner().describeSecret({ SecretId });
    expect(await refusal(aws.secrets.getSecretValue({ SecretId: present(Name) }))).toMatch(missing);
    const deleted = SecretId.replace(present(Name), randomUUID());
    expect(await refusal(aws.secrets.getSecretValue({ SecretId: deleted }))).toMatch(missing);
  });
});
