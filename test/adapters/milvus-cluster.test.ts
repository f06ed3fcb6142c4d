import { createServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { callCluster } from '../../adapters/milvus-call.ts';
import { createMilvusCluster } from '../../adapters/milvus-cluster.ts';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Cluster, Credentials, Login } from '../../protocol/cluster/cluster.ts';
import { serve } from '../support/loopback.ts';
import { leakedForms } from '../support/password-forms.ts';
import { expectUndecided } from './support/expect-undecided.ts';
import {
  type GrpcAnswer,
  type GrpcServer,
  grpcServer,
  selfSigned,
  statusMessage,
  userMessage,
} from './support/grpc-server.ts';

// A busy machine needs seconds to make a client.
vi.setConfig({ testTimeout: 30_000 });

const OLD = 'Old+password-1';
const NEW = 'New?password-2';
/** The serialized field 3 of UpdateCredentialRequest, without a value. */
const EMPTY_OLD_PASSWORD = '\u001a\u0000';

let cluster: Cluster;

beforeEach(() => {
  cluster = createMilvusCluster({ timeoutMs: 10_000 });
});

function someoneAt({ endpoint }: Pick<GrpcServer, 'endpoint'>): Credentials {
  return { endpoint, username: 'someone', password: OLD };
}

/** A user of a cluster that always answers this. */
async function answering(answer: GrpcAnswer | undefined): Promise<Credentials> {
  return someoneAt(await grpcServer(() => answer));
}

describe('a login to Milvus', () => {
  it('describes the user itself, and the answer names its roles', async () => {
    const server = await grpcServer(() => ({ message: userMessage('someone', ['reader', '', 'writer']) }));
    expect(await cluster.authenticates(someoneAt(server))).toEqual({ kind: 'accepted', roles: ['reader', 'writer'] });
    expect(server.calls).toEqual([
      { method: 'SelectUser', authorization: `someone:${OLD}`, message: expect.stringContaining('someone') },
    ]);
  });

  it.each(['another', undefined])('has no roles if the answer is about the user %s', async (name) => {
    const user = await answering({ message: userMessage(name, ['admin']) });
    expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles: [] });
  });

  it('with an API key asks for the version, with the key as token, and has no roles', async () => {
    const server = await grpcServer(() => ({ message: userMessage(undefined, []) }));
    const key: Credentials = { ...someoneAt(server), username: 'key-1', form: 'api-key' };
    expect(await cluster.authenticates(key)).toEqual({ kind: 'accepted', roles: [] });
    expect(server.calls).toMatchObject([{ method: 'GetVersion', authorization: OLD }]);
  });

  it.each([
    [16, { kind: 'rejected' }],
    [7, { kind: 'forbidden' }],
  ])('with gRPC status %i is answered', async (grpc, login) => {
    expect(await cluster.authenticates(await answering({ grpc }))).toEqual(login);
  });

  it.each<[string, GrpcAnswer, string]>([
    ['gRPC status 3', { grpc: 3, details: 'what' }, 'is not-ready: gRPC 3: what'],
    [
      'a status of Milvus that is no success',
      { message: userMessage('someone', [], { errorCode: 1, code: 1, reason: 'service not ready' }) },
      'UnexpectedError 1: service not ready',
    ],
    ['a method that the server lacks', { grpc: 12 }, 'no status 0: the answer holds no status'],
    ['an empty message, as a gateway may send it', { message: new Uint8Array() }, 'no status 0: the answer holds no'],
  ])('is not decided by %s', async (_, answer, text) => {
    await expect(cluster.authenticates(await answering(answer))).rejects.toMatchObject({
      kind: 'not-ready',
      message: expect.stringContaining(text),
    });
  });
});

describe('an answer that says nothing about the password', () => {
  it.each<[string, GrpcAnswer, string, string]>([
    ['gRPC status 14', { grpc: 14, details: 'away' }, 'unreachable', 'is unreachable: gRPC 14: away'],
    ['gRPC status 4', { grpc: 4, details: 'late' }, 'no-answer', 'is silent: gRPC 4: late'],
    ['gRPC status 13', { grpc: 13, details: 'oh' }, 'not-ready', 'is not-ready: gRPC 13: oh'],
    ['HTTP 401 of a gateway', { http: 401 }, 'not-ready', 'is not-ready: gRPC'],
    ['HTTP 403 of a gateway', { http: 403 }, 'not-ready', 'is not-ready: gRPC'],
    ['HTTP 503 of a gateway', { http: 503 }, 'not-ready', 'is not-ready: gRPC'],
  ])('decides no login, loses a change and is not asked for again: %s', async (_, answer, kind, text) => {
    const server = await grpcServer(() => answer);
    await expectUndecided(cluster, someoneAt(server), kind, text);
    expect(server.calls).toHaveLength(2);
  });
});

describe('a change of a password in Milvus', () => {
  it('sends the old and the new password of the user, logged in with the old one', async () => {
    const server = await grpcServer(() => ({ message: statusMessage({}) }));
    expect(await cluster.changePassword(someoneAt(server), NEW)).toEqual({ kind: 'changed' });
    expect(server.calls).toMatchObject([{ method: 'UpdateCredential', authorization: `someone:${OLD}` }]);
    expect(server.calls[0]?.message).toContain('someone');
    expect(server.calls[0]?.message).toContain(Buffer.from(OLD).toString('base64'));
    expect(server.calls[0]?.message).toContain(Buffer.from(NEW).toString('base64'));
  });

  it('by an admin sends the admin’s token and only the new password', async () => {
    const server = await grpcServer(() => ({ message: statusMessage({}) }));
    const admin = { endpoint: server.endpoint, token: 'root:Root:password-0' };
    expect(await cluster.resetPassword(admin, 'someone', NEW)).toEqual({ kind: 'changed' });
    expect(server.calls).toMatchObject([{ method: 'UpdateCredential', authorization: admin.token }]);
    expect(server.calls[0]?.message).toContain('someone');
    expect(server.calls[0]?.message).toContain(Buffer.from(NEW).toString('base64'));
    expect(server.calls[0]?.message).toContain(EMPTY_OLD_PASSWORD);
  });

  it.each<[string, GrpcAnswer, string, string]>([
    ['gRPC status 16', { grpc: 16, details: 'auth check failure' }, 'unauthenticated', 'gRPC 16: auth check failure'],
    ['gRPC status 7', { grpc: 7, details: 'no' }, 'forbidden', 'gRPC 7: no'],
    ['gRPC status 3', { grpc: 3, details: 'weak password' }, 'new-password', 'gRPC 3: weak password'],
    ['gRPC status 3 about something else', { grpc: 3, details: 'no' }, 'unclear', 'gRPC 3: no'],
    ['code 1400', status(1, 1400, 'old password'), 'old-password', 'UnexpectedError 1400: old password'],
    ['IllegalArgument', status(5, 0, 'The length of password must'), 'new-password', 'IllegalArgument 0: The length'],
    [
      'a secondary, with a status of gRPC',
      { grpc: 2, details: 'cluster is not primary, cannot do any DDL/DCL' },
      'not-primary',
      'gRPC 2: cluster is not primary',
    ],
    ['any other error', status(30, 65535, 'a push failed'), 'unclear', 'UpdateCredentialFailure 65535: a push failed'],
    ['a method that the server lacks', { grpc: 12 }, 'unclear', 'no status 0: the answer holds no status'],
  ])('is refused by %s', async (_, answer, reason, text) => {
    const refused = { kind: 'refused', reason, answer: expect.stringContaining(text) };
    expect(await cluster.changePassword(await answering(answer), NEW)).toEqual(refused);
  });

  it('by an admin is refused with the same reasons', async () => {
    const { endpoint } = await answering({ grpc: 16 });
    expect(await cluster.resetPassword({ endpoint, token: 'key' }, 'someone', NEW)).toEqual({
      kind: 'refused',
      reason: 'unauthenticated',
      answer: 'gRPC 16: ',
    });
  });
});

describe('a server that never answers', () => {
  it('neither rejects a login nor refuses a change', async () => {
    const user = await answering(undefined);
    const impatient = createMilvusCluster({ timeoutMs: 300 });
    await expect(impatient.authenticates(user)).rejects.toMatchObject({
      kind: 'no-answer',
      message: expect.stringMatching(/is silent: gRPC 4: Deadline exceeded after [\d.]+s$/),
    });
    expect(await impatient.changePassword(user, NEW)).toMatchObject({
      kind: 'lost',
      answer: expect.stringContaining('is silent'),
    });
  });
});

describe('a gateway in front of the cluster', () => {
  it.each(['status', 'HTTP status code 401'])('is recognised if %j is a password', async (password) => {
    const user = { ...(await answering({ http: 401 })), password };
    await expect(cluster.authenticates(user)).rejects.toMatchObject({ kind: 'not-ready' });
    expect(await cluster.changePassword(user, password)).toMatchObject({ kind: 'lost' });
    const admin = { endpoint: user.endpoint, token: `root:${password}` };
    expect(await createMilvusAdminCluster().grantRole(admin, 'someone', 'reader')).toMatchObject({ kind: 'lost' });
  });
});

describe('callCluster', () => {
  it('throws an error of the program', async () => {
    const defect = new TypeError('a defect');
    const { endpoint } = await answering(undefined);
    await expect(callCluster({ endpoint, token: 'key' }, {}, [], () => Promise.reject(defect))).rejects.toBe(defect);
  });
});

describe('an endpoint with TLS', () => {
  it('is trusted with the certificate of its private authority, and with no other, even at the same time', async () => {
    const [one, other] = [await selfSigned(), await selfSigned()];
    const answer = (): GrpcAnswer => ({ message: userMessage('someone', []) });
    const [first, second] = [await grpcServer(answer, one), await grpcServer(answer, other)];
    const loginTo = (server: GrpcServer, privateCa?: string): Promise<Login> =>
      createMilvusCluster({ timeoutMs: 20_000, privateCa }).authenticates(someoneAt(server));
    const outcomes = await Promise.allSettled([
      loginTo(first, one.cert),
      loginTo(second, other.cert),
      loginTo(first, other.cert),
      loginTo(second, one.cert),
      loginTo(first),
    ]);
    const accepted = { status: 'fulfilled', value: { kind: 'accepted', roles: [] } };
    const reason = { kind: 'unreachable', message: expect.stringMatching(/: gRPC 14: [^:;.]*certificate$/) };
    const refused = { status: 'rejected', reason: expect.objectContaining(reason) };
    expect(outcomes).toEqual([accepted, accepted, refused, refused, refused]);
    expect([first, second].map(({ calls }) => calls.length)).toEqual([1, 1]);
  });
});

describe('a proxy in the environment', () => {
  it.each(['grpc_proxy', 'http_proxy', 'https_proxy'])(
    'in %s gets nothing that travels in plain text',
    async (name) => {
      const proxy = await proxyIn(name);
      const server = await grpcServer(() => ({ message: userMessage('someone', []) }));
      expect(await cluster.authenticates(someoneAt(server))).toMatchObject({ kind: 'accepted' });
      expect(proxy.received()).toBe('');
    },
  );

  it('may carry TLS', async () => {
    // gRPC logs that the proxy refuses.
    vi.spyOn(console, 'error').mockReturnValue();
    const proxy = await proxyIn('https_proxy');
    const server = await grpcServer(() => undefined, await selfSigned());
    await expect(cluster.authenticates(someoneAt(server))).rejects.toMatchObject({ kind: 'unreachable' });
    expect(proxy.received()).toContain(`CONNECT ${server.endpoint.host}:${server.endpoint.port}`);
    expect(leakedForms(proxy.received(), [OLD])).toEqual([]);
  });
});

it('a request logs nothing, even with NODE_ENV=test, with which the SDK logs every request', async () => {
  expect(process.env['NODE_ENV']).toBe('test');
  // The SDK's logger writes to the stream of the console.
  const { _stdout: stdout } = console as unknown as { _stdout: NodeJS.WriteStream };
  const write = vi.spyOn(stdout, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  await cluster.changePassword(await answering({ message: statusMessage({}) }), NEW);
  await cluster.authenticates(await answering({ grpc: 16 }));
  expect(write).not.toHaveBeenCalled();
});

/**
 * Starts a proxy that refuses every connection, and names it in this environment variable alone.
 */
async function proxyIn(name: string): Promise<{ received: () => string }> {
  let received = '';
  const proxy = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
  });
  const { url } = await serve(proxy);
  for (const other of ['grpc_proxy', 'http_proxy', 'https_proxy', 'no_grpc_proxy', 'no_proxy']) {
    vi.stubEnv(other, undefined);
  }
  vi.stubEnv(name, url);
  return { received: () => received };
}

function status(errorCode: number, code: number, reason: string): GrpcAnswer {
  return { message: statusMessage({ errorCode, code, reason }) };
}
