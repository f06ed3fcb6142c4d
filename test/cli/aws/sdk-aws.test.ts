import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSdkAws } from '../../../cli/aws/sdk-aws.ts';
import { restServer } from '../../adapters/support/rest-server.ts';

/** A machine without AWS configuration. No name lookup and no request leaves it. */
beforeEach(() => {
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
    vi.stubEnv(name, '/dev/null');
  }
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
  for (const name of [
    'AWS_PROFILE',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  ]) {
    vi.stubEnv(name, undefined);
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function describeSecret(profile: string | undefined): Promise<unknown> {
  return createSdkAws({ region: 'us-east-1', profile }, new AbortController().signal).rotation.describeSecret('orders');
}

describe('AWS on the SDK', () => {
  it('names the profile that gives no credentials, and prints no warning of the SDK', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);

    await expect(describeSecret('nope')).rejects.toMatchObject({
      kind: 'credentials-missing',
      message: expect.stringContaining('nope'),
      advice: expect.stringContaining('aws configure list-profiles'),
    });
    expect(warn).not.toHaveBeenCalled();
  });

  it('lists the secrets of an account once in a command', async () => {
    const SecretList = [{ ARN: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:orders-Ab12Cd' }];
    const { endpoint, calls } = await restServer(() => ({ status: 200, body: { SecretList } }));
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint.url);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
    const { rotation } = createSdkAws({ region: 'us-east-1', profile: undefined }, new AbortController().signal);
    const listed = [await rotation.listSecrets(), await rotation.listSecrets()];
    expect([listed.map(({ length }) => length), calls.length]).toEqual([[1, 1], 1]);
  });
});
