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
  test('fails one call before the call has an effect', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'fail-before' });
    expect(await refusal(put(secretId, 'second'))).toMatch(/^InternalServiceError/);
    expect(await aws.value(secretId)).toBe('first value');
    expect(await refusal(put(secretId, 'second'))).toBe('accepted');
    expect((await armed()).map((fault) => fault.fired)).toEqual([1]);
  });

  test('answers 500 after the call has its effect', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'lose-answer' });
    expect(await refusal(put(secretId, 'second'))).toMatch(/^InternalServiceError/);
    expect(await aws.value(secretId)).toBe('second');
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

  test('throttles a given number of calls with the error of Secrets Manager', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'GetSecretValue', kind: 'throttle', times: 2 });
    const read = () => refusal(aws.secrets.getSecretValue({ SecretId: secretId }));
    expect(await read()).toMatch(/^ThrottlingException: Rate exceeded/);
    expect(await read()).toMatch(/^ThrottlingException/);
    expect(await read()).toBe('accepted');
  });

  test('denies a call, or lets the KMS key fail, and the call has no effect', async () => {
    const secretId = await aws.secret();
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'deny' });
    expect(await refusal(put(secretId, 'second'))).toMatch(/^AccessDeniedException: .*secretsmanager:PutSecretValue/);
    await arm({ secret: secretId, action: 'PutSecretValue', kind: 'key-failure' });
    expect(await refusal(put(secretId, 'second'))).toMatch(/^EncryptionFailure/);
    await arm({ secret: secretId, action: 'GetSecretValue', kind: 'key-failure' });
    expect(await aws.value(secretId)).toBe('DecryptionFailure');
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
    await expect(arm({ action: 'PutSecretValue', kind: 'throttle', often: 3 })).rejects.toThrow(/unknown member often/);
  });
});
