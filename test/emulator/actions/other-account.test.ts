import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { createUser, policyOf } from '../support/identities.ts';
import { localAws, present, refusal } from '../support/local-aws.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });

const OWNER = '111122223333';
/** Root of the account that has the secret: the emulator takes an access key of 12 digits for that. */
const owner = (): SecretsManagerClient =>
  new SecretsManagerClient({ ...aws.clientConfig, credentials: { accessKeyId: OWNER, secretAccessKey: 'test' } });

async function secretLetting(principal: string | undefined, Action: readonly string[]): Promise<string> {
  const { ARN } = await owner().send(new CreateSecretCommand({ Name: randomUUID(), SecretString: 'theirs' }));
  if (principal !== undefined) {
    const ResourcePolicy = policyOf([{ Principal: { AWS: principal }, Action }]);
    await owner().send(new PutResourcePolicyCommand({ SecretId: present(ARN), ResourcePolicy }));
  }
  return present(ARN);
}

const READ = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

describe('a secret of another account', { timeout: 60_000 }, () => {
  test('is read where both the caller and the secret allow it, by its full ARN', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, [{ Action: READ }]);
    const SecretId = await secretLetting(userArn, READ);
    const user = new SecretsManagerClient({ ...config, maxAttempts: 1 });
    expect(SecretId).toContain(`:${OWNER}:`);
    expect(await user.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({ SecretString: 'theirs' });
    expect(await user.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({ ARN: SecretId });
  });

  test('refuses whom its own policy does not name, root of an account among them', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, [{ Action: 'secretsmanager:*' }]);
    const user = new SecretsManagerClient({ ...config, maxAttempts: 1 });
    const reading = new GetSecretValueCommand({ SecretId: await secretLetting(undefined, READ) });
    const why = /^AccessDeniedException: .*secretsmanager:GetSecretValue.*no resource-based policy allows/;
    expect(await refusal(user.send(reading))).toMatch(why);
    expect(await refusal(aws.secrets.send(reading))).toMatch(why);
    const writing = { SecretId: await secretLetting(userArn, READ), SecretString: 'ours' };
    expect(await refusal(user.send(new PutSecretValueCommand(writing)))).toMatch(
      /^AccessDeniedException: .*PutSecretValue/,
    );
  });

  test('refuses whom his own policies do not allow it', async () => {
    const { userArn, ...config } = await createUser(aws.clientConfig, []);
    const SecretId = await secretLetting(userArn, READ);
    const user = new SecretsManagerClient({ ...config, maxAttempts: 1 });
    expect(await refusal(user.send(new GetSecretValueCommand({ SecretId })))).toMatch(/^AccessDeniedException/);
  });

  test('is not found by its name, nor once it is gone', async () => {
    const SecretId = await secretLetting(undefined, READ);
    const missing = /^ResourceNotFoundException/;
    const { Name } = await owner().send(new DescribeSecretCommand({ SecretId }));
    expect(await refusal(aws.secrets.send(new GetSecretValueCommand({ SecretId: present(Name) })))).toMatch(missing);
    const gone = SecretId.replace(present(Name), randomUUID());
    expect(await refusal(aws.secrets.send(new GetSecretValueCommand({ SecretId: gone })))).toMatch(missing);
  });
});
