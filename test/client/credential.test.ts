import { expect, it } from 'vitest';
import { readCredential } from '../../client/index.ts';

const ENDPOINT = 'https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530';
const USER = { endpoint: ENDPOINT, username: 'orders', password: 'Pa:ss1', token: 'orders:Pa:ss1' };

it.each([
  ['endpoint, user, password and token', USER, USER],
  [
    'the token of an API key, which has no user and no password',
    { endpoint: ENDPOINT, apiKeyId: 'key-1', apiKey: 'k3y', token: 'k3y' },
    { endpoint: ENDPOINT, token: 'k3y' },
  ],
])('readCredential reads %s from a JSON secret', (_title, secret, credential) => {
  expect(readCredential(JSON.stringify(secret))).toStrictEqual(credential);
});
