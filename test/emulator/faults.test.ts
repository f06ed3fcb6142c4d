import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { localAws, refusal } from './support/local-aws.ts';

const aws = localAws();

interface Fault {
  readonly fired: number;
}

const arm = (fault: Record<string, unknown>) => aws.control('POST', 'faults', fault);
const armed = async () => ((await aws.control('GET', 'faults')) as { faults: Fault[] }).faults;
const put = (SecretId: string, SecretString: string, input = {}) =>
  aws.secrets.putSecretValue({ SecretId, SecretString, ...input });

afterEach(() => aws.control('DELETE', 'faults'));

describe('an armed fault', { timeout: 30_000 }, () => {
  test.each([
    ['fail-before', 'InternalServiceError', 'first value'],
    ['lose-answer', 'InternalServiceError', 'second'],
    ['throttle', 'ThrottlingException', 'first value'],
    ['deny', 'AccessDeniedException', 'first value'],
    ['key-failure', 'EncryptionFailure', 'first value'],
  ])('of the kind %s answers one call with %s, after which the value is "%s"', async (kind, code, value) => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'PutSecretValue', kind });
    expect(await refusal(put(secretId, 'second'))).toMatch(new RegExp(`^${code}:`));
    expect(await aws.value(secretId)).toBe(value);
    expect(await refusal(put(secretId, 'third'))).toBe('accepted');
    expect((await armed()).map((fault) => fault.fired)).toEqual([1]);
  });

  test('cuts the connection after the call has its effect, and a retry of an SDK client succeeds', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'lose-answer', cut: true });
    const token = randomUUID();
    const answer = await refusal(put(secretId, 'second', { ClientRequestToken: token }));
    expect(answer).not.toMatch(/^accepted|InternalServiceError/);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'lose-answer', cut: true });
    const patient = new SecretsManager({ ...aws.clientConfig, maxAttempts: 3 });
    const again = patient.putSecretValue({ SecretId: secretId, SecretString: 'third' });
    expect(await refusal(again)).toBe('accepted');
    expect(await aws.value(secretId)).toBe('third');
  });

  test('hits a given number of calls, and fails the decryption of a value', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'GetSecretValue', kind: 'key-failure', times: 2 });
    expect([await aws.value(secretId), await aws.value(secretId)]).toEqual(['DecryptionFailure', 'DecryptionFailure']);
    expect(await aws.value(secretId)).toBe('first value');
  });

  test('delays the call by the given seconds', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'hang', seconds: 0.3 });
    const started = performance.now();
    expect(await refusal(put(secretId, 'second'))).toBe('accepted');
    expect(performance.now() - started).toBeGreaterThanOrEqual(290);
    expect(await aws.value(secretId)).toBe('second');
  });

  test('applies only to one secret (by name or ARN), one action, and matching requests', async () => {
    const [secretId, other] = await Promise.all([aws.secret(), aws.secret()]);
    const secret = (await aws.describe(secretId)).Name;
    await arm({ secret, action: 'PutSecretValue', kind: 'throttle', match: { VersionStages: ['AWSPENDING'] } });
    expect(await refusal(put(other, 'x', { VersionStages: ['AWSPENDING'] }))).toBe('accepted');
    expect(await aws.value(secretId)).toBe('first value');
    expect(await refusal(put(secretId, 'x'))).toBe('accepted');
    expect(await refusal(put(secretId, 'y', { VersionStages: ['AWSPENDING'] }))).toMatch(/^ThrottlingException/);
  });

  test('is refused if its kind or a member is unknown', async () => {
    await expect(arm({ action: 'PutSecretValue', kind: 'explode' })).rejects.toThrow(/400/);
    await expect(arm({ action: 'PutSecretValue', kind: 'throttle', often: 3 })).rejects.toThrow(/400/);
  });
});
