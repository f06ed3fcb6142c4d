import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { SecretsManagerFault } from '../../local/cloud/emulator-control.ts';
import { awsOptions, servers, uniqueName } from '../support/servers.ts';

const impatient = new SecretsManager({ ...awsOptions(), maxAttempts: 1 });

async function newSecret(): Promise<CloudSecret> {
  const secret = new CloudSecret(servers().access, uniqueName('fault'));
  await secret.create('first value');
  return secret;
}

/** The code of the refusal, or `accepted`. */
function answerTo({ name: SecretId }: CloudSecret, SecretString: string): Promise<string> {
  return impatient.putSecretValue({ SecretId, SecretString }).then(
    () => 'accepted',
    ({ name }: Error) => name,
  );
}

describe('an armed fault', () => {
  test.each<[SecretsManagerFault['kind'], string, string]>([
    ['fail-before', 'InternalServiceError', 'first value'],
    ['lose-answer', 'InternalServiceError', 'second'],
    ['throttle', 'ThrottlingException', 'first value'],
    ['deny', 'AccessDeniedException', 'first value'],
    ['key-failure', 'EncryptionFailure', 'first value'],
    ['hang', 'accepted', 'second'],
  ])('%s strikes one call, whose answer is %s and whose value is "%s" then', async (kind, code, value) => {
    const [secret, other] = await Promise.all([newSecret(), newSecret()]);
    const armed = await secret.arm({ action: 'PutSecretValue', kind, seconds: 0.1 });
    expect(await answerTo(other, 'x')).toBe('accepted');
    expect(await answerTo(secret, 'second')).toBe(code);
    expect(await secret.value()).toBe(value);
    expect(await answerTo(secret, 'third')).toBe('accepted');
    expect(await armed.disarm()).toBe(true);
  });

  test('cuts the connection after the call has happened, which an SDK repeats', async () => {
    const secret = await newSecret();
    const armed = await secret.arm({ action: 'PutSecretValue', kind: 'lose-answer', cut: true });
    const ClientRequestToken = randomUUID();
    await secret.aws.putSecretValue({ SecretId: secret.name, SecretString: 'second', ClientRequestToken });
    expect(await armed.disarm()).toBe(true);
    expect((await secret.labels())['AWSCURRENT']).toBe(ClientRequestToken);
  });
});
