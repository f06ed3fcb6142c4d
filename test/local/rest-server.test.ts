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
const TOKENS = [`alice:${PASSWORD}`, 'bob:Bob-password-1'];

function milvusAnswer({ method, authorization, message }: GrpcCall): GrpcAnswer {
  if (!TOKENS.includes(authorization)) {
    return { grpc: 16, details: 'auth check failure' };
  }
  switch (method) {
    case 'GetVersion':
      return { message: Buffer.alloc(0) };
    case 'SelectUser':
      return { message: message.includes('nobody') ? statusMessageOnly() : userMessage('alice', ['', 'reader']) };
    default:
      return { message: statusMessage({}) };
  }
}

/** An answer about no user: the status in field 1. */
const statusMessageOnly = (): Buffer => Buffer.concat([Buffer.from([10, 6]), statusMessage({})]);

let server: RestServer | undefined;

afterEach(() => server?.stop());

async function start(version: RestVersion): Promise<{ calls: GrpcCall[] }> {
  const milvus = await grpcServer(milvusAnswer);
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

describe('a description of a user', () => {
  test('that does not exist is a success without roles', async () => {
    await start('2.6');
    expect((await describeUser('nobody')).text).toBe('{"code":0,"data":[],"description":""}');
  });

  test('is kept by a change of the password, and refused before 2.6', async () => {
    const describeAlice = () => post('update_password', { userName: 'alice', description: 'reads' }, ALICE);
    await start('2.6');
    await describeAlice();
    await update('New-password-1');
    expect((await describeUser('alice')).text).toBe('{"code":0,"data":["reader"],"description":"reads"}');
    await server?.stop();

    await start('2.5');
    expect((await describeAlice()).text).toContain('"code":1802');
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
    ['2.5', 1],
    ['2.6', 0],
  ] as const)('of an unknown user by a super user: Milvus %s creates %i', async (version, created) => {
    const { calls } = await start(version);
    const { text } = await update('New-password-1', 'nobody', 'Bearer bob:Bob-password-1');
    expect(calls.filter(({ method }) => method === 'UpdateCredential')).toHaveLength(created);
    expect(JSON.parse(text)).toMatchObject({ code: created === 1 ? 0 : 65_535 });
  });
});
