import { afterEach, describe, expect, test } from 'vitest';
import type { RestVersion } from '../../local/milvus/rest/versions.ts';
import { type RestServer, startRestServer } from '../../local/rest-server.ts';
import {
  type GrpcAnswer,
  type GrpcCall,
  grpcServer,
  statusMessage,
  userMessage,
} from '../adapters/support/grpc-server.ts';

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
      return { message: statusMessage(isAbout('unhealthy') ? { errorCode: 56, code: 1, reason: 'a<b' } : {}) };
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

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

async function post(path: string, body: string | object, authorization?: string, method = 'POST'): Promise<Answer> {
  const answer = await fetch(`${server?.endpoint}${path}`, {
    method,
    redirect: 'manual',
    headers: authorization === undefined ? {} : { Authorization: authorization },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const ALICE = `Bearer alice:${PASSWORD}`;
const USERS = '/v2/vectordb/users';
const describeUser = (userName: string, authorization = ALICE): Promise<Answer> =>
  post(`${USERS}/describe`, { userName }, authorization);
const update = (newPassword: string, userName = 'alice', authorization = ALICE): Promise<Answer> =>
  post(`${USERS}/update_password`, { userName, password: PASSWORD, newPassword }, authorization);

const UNAUTHENTICATED = '{"code":1800,"message":"user hasn\'t authenticated"}';

describe('a login', () => {
  test.each([
    ['Bearer and user:password', ALICE],
    ['the token alone', `alice:${PASSWORD}`],
    ['Basic', `Basic ${btoa(`alice:${PASSWORD}`)}`],
    ['Basic, for a password that ends in a space', `Basic ${btoa('carol:Ends-in-space ')}`],
  ])('succeeds with %s', async (_, authorization) => {
    await start('2.6');
    expect(await describeUser('alice', authorization)).toMatchObject({
      status: 200,
      text: '{"code":0,"data":["reader"]}',
    });
  });

  test.each([
    ['no header', undefined],
    ['a wrong password', 'Bearer alice:wrong-password'],
    ['an API key', 'Bearer key'],
    ['no user', 'Bearer :password'],
    ['no password', 'Bearer alice:'],
    ['bearer in lower case', `bearer alice:${PASSWORD}`],
    ['a password without its space at the end', 'Bearer carol:Ends-in-space '],
  ])('fails with %s, before the path and the body are read', async (_, authorization) => {
    await start('2.6');
    for (const path of [`${USERS}/describe`, '/unknown']) {
      expect(await post(path, 'no JSON', authorization)).toMatchObject({ status: 401, text: UNAUTHENTICATED });
    }
  });

  test('with Basic gets a challenge, even if it succeeds', async () => {
    await start('2.6');
    const basic = `Basic ${btoa(`alice:${PASSWORD}`)}`;
    const challenge = async (authorization: string): Promise<string | null> =>
      (await describeUser('alice', authorization)).headers.get('www-authenticate');
    expect(await challenge(basic)).toBe('Basic realm="restricted", charset="UTF-8"');
    expect(await challenge(ALICE)).toBeNull();
  });
});

describe('a path', () => {
  test.each([
    ['POST', '/v2/vectordb/users/unknown'],
    ['GET', `${USERS}/describe`],
  ])('without a route is not found: %s %s', async (method, path) => {
    await start('2.6');
    const answer = await post(path, {}, ALICE, method);
    expect(answer).toMatchObject({ status: 404, text: '404 page not found' });
    expect(answer.headers.get('content-type')).toBe('text/plain');
  });

  test('with a slash at its end is redirected', async () => {
    await start('2.6');
    const answer = await post(`${USERS}/describe/`, {}, ALICE);
    expect([answer.status, answer.headers.get('location')]).toEqual([307, `${USERS}/describe`]);
  });

  test('has an answer for OPTIONS without a login', async () => {
    await start('2.6');
    expect((await post(`${USERS}/describe`, '', undefined, 'OPTIONS')).status).toBe(204);
  });
});

describe('a body', () => {
  test.each([
    ['', 1801, 'can only accept json format request, the request body should be nil, however {} is valid'],
    ['{', 1801, 'can only accept json format request, error: invalid character'],
    [
      '{"userName":5}',
      1801,
      'error: json: cannot unmarshal number into Go struct field UserReq.userName of type string',
    ],
    ['{}', 1802, "Key: 'UserReq.UserName' Error:Field validation for 'UserName' failed on the 'required' tag"],
    ['null', 1802, "missing required parameters, error: Key: 'UserReq.UserName'"],
    ['{"userName":""}', 1802, "missing required parameters, error: Key: 'UserReq.UserName'"],
  ])('%j is refused with code %i', async (body, code, message) => {
    await start('2.6');
    const answer = await post(`${USERS}/describe`, body, ALICE);
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.parse(answer.text)).toEqual({ code, message: expect.stringContaining(message) });
  });

  test('without several fields names each of them', async () => {
    await start('2.6');
    const answer = await post(`${USERS}/update_password`, { userName: 'alice', password: '' }, ALICE);
    expect(JSON.parse(answer.text).message).toMatch(/NewPasswordReq.Password'.*\n.*NewPasswordReq.NewPassword'/);
  });

  test('may have keys in upper case and unknown keys', async () => {
    await start('2.6');
    expect((await post(`${USERS}/describe`, { USERNAME: 'alice', dbName: 'x' }, ALICE)).status).toBe(200);
  });
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
    ['2.6', '{"code":0,"data":{}}'],
  ] as const)('succeeds with the code of Milvus %s', async (version, answer) => {
    const { calls } = await start(version);
    expect(await update('New-password-1')).toMatchObject({ status: 200, text: answer });
    const [{ message = '', authorization } = {}] = calls.filter(({ method }) => method === 'UpdateCredential');
    expect(authorization).toBe(`alice:${PASSWORD}`);
    for (const password of [PASSWORD, 'New-password-1']) {
      expect(message).toContain(btoa(password));
    }
  });

  test.each([
    ['2.4', 5, 256],
    ['2.5', 5, 72],
    ['2.5', 73, 72],
    ['2.4', 257, 256],
  ] as const)('in Milvus %s to %i bytes is out of range, up to %i', async (version, length, most) => {
    await start(version);
    const message = `invalid password length: invalid parameter[${length} out of range 6 \\u003c= value \\u003c= ${most}]`;
    expect((await update('x'.repeat(length))).text).toBe(`{"code":1100,"message":"${message}"}`);
  });

  test('in Milvus 2.4 to 73 bytes has the answer of Milvus itself', async () => {
    await start('2.4');
    expect((await update('x'.repeat(73))).text).toBe('{"code":0,"data":{}}');
  });

  test.each([
    ['2.5', 1],
    ['2.6', 0],
  ] as const)('of an unknown user by a super user: Milvus %s creates %i', async (version, created) => {
    const { calls } = await start(version);
    const { text } = await update('New-password-1', 'nobody', 'Bearer bob:Bob-password-1');
    expect(calls.filter(({ method }) => method === 'UpdateCredential')).toHaveLength(created);
    expect(JSON.parse(text)).toEqual(
      created === 1
        ? { code: 0, data: {} }
        : { code: 65_535, message: 'failed to check if update credential: user not found' },
    );
  });

  test('has the code and the text of a refusal, escaped as Go escapes them', async () => {
    await start('2.6');
    expect((await update('New-password-1', 'unhealthy')).text).toBe('{"code":1,"message":"a\\u003cb"}');
  });
});

describe('a Milvus that does not answer', () => {
  test.each([
    ['2.4', 'timeout'],
    ['2.5', '{"code":10001,"message":"request timeout"}'],
  ] as const)('in time is HTTP 408 in Milvus %s', async (version, text) => {
    await start(version, () => ({ grpc: 4, details: 'late' }));
    expect(await update('New-password-1')).toMatchObject({ status: 408, text });
  });

  test('at all ends the connection', async () => {
    await start('2.6', () => ({ grpc: 14, details: 'away' }));
    await expect(update('New-password-1')).rejects.toThrow('fetch failed');
  });
});
