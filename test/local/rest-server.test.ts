import { afterEach, describe, expect, test } from 'vitest';
import type { RestVersion } from '../../local/servers/rest-routes.ts';
import { type RestServer, startRestServer } from '../../local/servers/rest-server.ts';
import {
  type GrpcAnswer,
  type GrpcCall,
  grpcServer,
  statusMessage,
  userMessage,
} from '../adapters/support/grpc-server.ts';

// The contract of the cluster proves the rest of this server: milvus-rest-cluster.server.test.ts.

/** A Milvus with the user `alice`, who has this password. `bob` is a super user. */
const PASSWORD = 'Old:password-1';
const TOKENS = [`alice:${PASSWORD}`, 'bob:Bob-password-1', 'carol:Ends-in-space '];

function milvusAnswer({ method, authorization, message }: GrpcCall): GrpcAnswer {
  if (!TOKENS.includes(authorization)) {
    return { grpc: 16, details: 'auth check failure' };
  }
  const isAbout = (name: string): boolean => message.includes(name);
  switch (method) {
    case 'GetVersion':
      return { message: Buffer.alloc(0) };
    case 'SelectUser':
      return isAbout('denied')
        ? { grpc: 7, details: 'PrivilegeSelectUser: permission deny to alice' }
        : { message: isAbout('nobody') ? statusMessageOnly() : userMessage('alice', ['', 'reader']) };
    default:
      return { message: statusMessage(isAbout('unhealthy') ? { errorCode: 56, code: 1, reason: 'unhealthy' } : {}) };
  }
}

/** An answer about no user: the status in field 1. */
const statusMessageOnly = (): Buffer => Buffer.concat([Buffer.from([10, 6]), statusMessage({})]);

let server: RestServer | undefined;

afterEach(() => server?.stop());

async function start(version: RestVersion, answer: typeof milvusAnswer = milvusAnswer): Promise<{ calls: GrpcCall[] }> {
  const milvus = await grpcServer(answer);
  server = await startRestServer({ milvus: { endpoint: milvus.endpoint.url }, version, superUsers: ['bob'] });
  return { calls: milvus.calls };
}

async function post(
  path: string,
  body: string | object,
  Authorization = '',
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${server?.endpoint}/v2/vectordb/users/${path}`, {
    method: 'POST',
    headers: Authorization === '' ? {} : { Authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

const ALICE = `Bearer alice:${PASSWORD}`;
const describeUser = (userName: string, authorization = ALICE) => post('describe', { userName }, authorization);
const update = (newPassword: string, userName = 'alice', authorization = ALICE) =>
  post('update_password', { userName, password: PASSWORD, newPassword }, authorization);

describe('a login', () => {
  test.each([
    ['Bearer and user:password', ALICE],
    ['the token alone', `alice:${PASSWORD}`],
    ['Basic, for a password that ends in a space', `Basic ${btoa('carol:Ends-in-space ')}`],
  ])('succeeds with %s', async (_, authorization) => {
    await start('2.6');
    const answer = await describeUser('alice', authorization);
    expect(answer).toEqual({ status: 200, text: '{"code":0,"data":["reader"]}' });
  });

  test.each([
    ['no header', undefined],
    ['a wrong password', 'Bearer alice:wrong-password'],
    ['an API key', 'Bearer key'],
    ['no password', 'Bearer alice:'],
    ['a password without its space at the end', 'Bearer carol:Ends-in-space '],
  ])('fails with %s, before the path and the body are read', async (_, authorization) => {
    await start('2.6');
    for (const path of ['describe', 'unknown']) {
      const text = '{"code":1800,"message":"user hasn\'t authenticated"}';
      expect(await post(path, 'no JSON', authorization)).toEqual({ status: 401, text });
    }
  });
});

test('a path without a route is not found', async () => {
  await start('2.6');
  expect(await post('unknown', {}, ALICE)).toEqual({ status: 404, text: '404 page not found' });
});

test.each([
  ['{', 1801, 'can only accept json format request'],
  ['{}', 1802, 'missing required parameters, error: userName, password, newPassword'],
])('the body %j is refused with code %i', async (body, code, message) => {
  await start('2.6');
  const { status, text } = await post('update_password', body, ALICE);
  expect([status, JSON.parse(text)]).toEqual([200, { code, message: expect.stringContaining(message) }]);
});

describe('a description of a user', () => {
  test('that does not exist is a success without roles', async () => {
    await start('2.6');
    expect((await describeUser('nobody')).text).toBe('{"code":0,"data":[]}');
  });

  test.each([
    ['2.3.13', ''],
    ['2.5', ' in the `default` database'],
  ] as const)('that the caller may not see is refused: %s', async (version, end) => {
    await start(version);
    const { status, text } = await describeUser('denied');
    const message = `rpc error: code = PermissionDenied desc = PrivilegeSelectUser: permission deny to alice${end}`;
    expect({ status, answer: JSON.parse(text) }).toEqual({ status: 403, answer: { code: 65_535, message } });
  });
});

describe('a change of a password', () => {
  test.each([
    ['2.3.13', '{"code":200,"data":{}}'],
    ['2.4', '{"code":0,"data":{}}'],
  ] as const)('is made by Milvus, with the code of version %s', async (version, text) => {
    const { calls } = await start(version);
    expect(await update('New-password-1')).toEqual({ status: 200, text });
    const [{ message = '', authorization } = {}] = calls.filter(({ method }) => method === 'UpdateCredential');
    expect(authorization).toBe(`alice:${PASSWORD}`);
    for (const password of [PASSWORD, 'New-password-1']) {
      expect(message).toContain(btoa(password));
    }
  });

  test.each([
    ['2.4', 5, 256],
    ['2.5', 73, 72],
    ['2.4', 257, 256],
  ] as const)('in Milvus %s to %i bytes is out of range, up to %i', async (version, length, most) => {
    await start(version);
    const message = `invalid password length: invalid parameter[${length} out of range 6 <= value <= ${most}]`;
    expect(JSON.parse((await update('x'.repeat(length))).text)).toEqual({ code: 1100, message });
  });

  test.each([
    ['2.5', 1],
    ['2.6', 0],
  ] as const)('of an unknown user by a super user: Milvus %s creates %i', async (version, created) => {
    const { calls } = await start(version);
    const { text } = await update('New-password-1', 'nobody', 'Bearer bob:Bob-password-1');
    expect(calls.filter(({ method }) => method === 'UpdateCredential')).toHaveLength(created);
    expect(JSON.parse(text)).toMatchObject({ code: created === 1 ? 0 : 65_535 });
  });

  test('has the code and the text of a refusal', async () => {
    await start('2.6');
    expect((await update('New-password-1', 'unhealthy')).text).toBe('{"code":1,"message":"unhealthy"}');
  });
});

test('the connection ends if Milvus does not answer', async () => {
  await start('2.6', () => ({ grpc: 14, details: 'away' }));
  await expect(update('New-password-1')).rejects.toThrow('fetch failed');
});
