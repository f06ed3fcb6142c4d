import { describe, expect, it } from 'vitest';
import { readCredential } from '../../client/index.ts';

const ENDPOINT = 'https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530';

describe('readCredential', () => {
  it('reads endpoint, user, password and token from a JSON secret', () => {
    const secret = JSON.stringify({
      endpoint: ENDPOINT,
      username: 'orders',
      password: 'Pa:ss1',
      token: 'orders:Pa:ss1',
    });
    expect(readCredential(secret)).toStrictEqual({
      endpoint: ENDPOINT,
      username: 'orders',
      password: 'Pa:ss1',
      token: 'orders:Pa:ss1',
    });
  });

  it('reads the token of an API key, which has no user and no password', () => {
    const secret = JSON.stringify({ endpoint: ENDPOINT, apiKeyId: 'key-1', apiKey: 'k3y', token: 'k3y' });
    expect(readCredential(secret)).toStrictEqual({ endpoint: ENDPOINT, token: 'k3y' });
  });
});
