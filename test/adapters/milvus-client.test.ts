import { promises } from 'node:dns';
import { constants } from 'node:http2';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClientOptions } from '../../adapters/call-answer.ts';
import { withMilvusClient } from '../../adapters/milvus-client.ts';
import { serve } from '../support/loopback.ts';
import {
  type GrpcAnswer,
  type GrpcCall,
  grpcServer,
  selfSigned,
  statusMessage,
  userMessage,
} from './support/grpc-server.ts';

// A busy machine needs seconds to make the client.
vi.setConfig({ testTimeout: 30_000 });

const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

/** Describes the user of the token. */
async function login(options: ClientOptions): Promise<string[] | undefined> {
  const [username = ''] = options.token.split(':');
  const { results } = await withMilvusClient({ timeoutMs: 20_000, ...options }, (client) =>
    client.describeUser({ username }),
  );
  return results[0]?.roles.map(({ name }) => name);
}

/** Describes the user of the call, with a role of the same name. */
function describeCaller({ authorization }: GrpcCall): GrpcAnswer {
  const [name = ''] = authorization.split(':');
  return { message: userMessage(name, [`role of ${name}`]) };
}

/** Holds every caller until this many callers have come. */
function barrier(callers: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting += 1;
    if (waiting === callers) {
      resolve();
    }
    return promise;
  };
}

describe('the client', () => {
  it('is the same for every address, token and authority', async () => {
    const { cert } = await selfSigned();
    const targets: ClientOptions[] = [
      { address: 'http://127.0.0.1:1', token: 'one:password' },
      { address: 'http://127.0.0.1:2', token: 'two:password', timeoutMs: 1 },
      { address: 'https://127.0.0.1:1', token: 'three:password' },
      { address: 'https://127.0.0.1:1', token: 'three:password', privateCa: cert },
    ];
    const clients = await Promise.all(targets.map((target) => withMilvusClient(target, async (client) => client)));
    expect(new Set(clients).size).toBe(1);
  });

  it('sends nothing by itself, and one request for each call', async () => {
    const server = await grpcServer(() => ({ message: statusMessage({}) }));
    await withMilvusClient({ address: server.endpoint.url, token: 'one:password' }, async (client) => {
      await client.createUser({ username: 'two', password: 'Password-2' });
      await client.addUserToRole({ username: 'two', roleName: 'reader' });
    });
    expect(server.calls.map(({ method }) => method)).toEqual(['CreateCredential', 'OperateUserRole']);
    expect(server.connections).toHaveLength(1);
  });

  it('uses the same gRPC library as this module, so that a channel fits', () => {
    const here = createRequire(import.meta.url);
    const sdk = createRequire(here.resolve('@zilliz/milvus2-sdk-node'));
    expect(sdk.resolve('@grpc/grpc-js')).toBe(here.resolve('@grpc/grpc-js'));
  });

  it('cannot be called when its use has ended', async () => {
    const server = await grpcServer(describeCaller);
    let late: MilvusClient | undefined;
    await withMilvusClient({ address: server.endpoint.url, token: 'one:password' }, async (client) => {
      late = client;
    });
    await expect(late?.describeUser({ username: 'one' })).rejects.toThrow('outside of withMilvusClient');
    expect(server.connections).toEqual([]);
  });
});

describe('requests at the same time', () => {
  it('each have their own host, token, connection and answer', async () => {
    const everyone = barrier(20);
    const answer = async (call: GrpcCall): Promise<GrpcAnswer> => {
      await everyone();
      return describeCaller(call);
    };
    const servers = [await grpcServer(answer), await grpcServer(answer)];
    const users = Array.from({ length: 20 }, (_, index) => `user${index}`);
    const roles = await Promise.all(
      users.map((user, index) =>
        login({ address: String(servers[index % 2]?.endpoint.url), token: `${user}:password of ${user}` }),
      ),
    );
    expect(roles).toEqual(users.map((user) => [`role of ${user}`]));
    for (const [parity, server] of servers.entries()) {
      const here = users.filter((_, index) => index % 2 === parity);
      expect(server.calls.map(({ authorization }) => authorization).sort()).toEqual(
        here.map((user) => `${user}:password of ${user}`).sort(),
      );
      for (const { authorization, message } of server.calls) {
        expect(message).toContain(authorization.split(':')[0]);
      }
      expect(server.connections).toHaveLength(10);
    }
  });

  it('each have their own time limit', async () => {
    const released = Promise.withResolvers<void>();
    const server = await grpcServer(async (call) => {
      await released.promise;
      return describeCaller(call);
    });
    const address = server.endpoint.url;
    const patient = login({ address, token: 'patient:password' });
    await expect(login({ address, token: 'hasty:password', timeoutMs: 200 })).rejects.toMatchObject({
      code: DEADLINE_EXCEEDED,
    });
    released.resolve();
    expect(await patient).toEqual(['role of patient']);
  });
});

describe('the connection of a request', () => {
  it('is closed after an answer, a failure and an exception, and no socket stays open', async () => {
    const answers: GrpcAnswer[] = [{ message: userMessage('one', []) }, { grpc: UNAVAILABLE }, { grpc: 16 }];
    const server = await grpcServer(() => answers.shift());
    const options = { address: server.endpoint.url, token: 'one:password' };
    await login(options);
    await expect(login(options)).rejects.toMatchObject({ code: UNAVAILABLE });
    const defect = new TypeError('a defect');
    const failing = withMilvusClient(options, async (client) => {
      await client.describeUser({ username: 'one' }).catch(() => undefined);
      throw defect;
    });
    await expect(failing).rejects.toBe(defect);
    await vi.waitFor(() => expect(server.connections.map(({ destroyed }) => destroyed)).toEqual([true, true, true]));
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('TCPSocketWrap'));
  });

  it('is closed after the time limit', async () => {
    const server = await grpcServer(() => undefined);
    await expect(login({ address: server.endpoint.url, token: 'one:password', timeoutMs: 300 })).rejects.toMatchObject({
      code: DEADLINE_EXCEEDED,
    });
    await vi.waitFor(() => expect(server.connections.map(({ destroyed }) => destroyed)).toEqual([true]));
  });

  it('is not tried again after a failure', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    const { url: address } = await serve(server);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const options = { address, token: 'one:password' };
    await expect(login(options)).rejects.toMatchObject({ code: UNAVAILABLE });
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    // If the first request connected again, the server would count that before this request.
    await expect(login(options)).rejects.toMatchObject({ code: UNAVAILABLE });
    expect(connections).toBe(2);
  });

  it('that breaks during an update is not replaced, because the update may have been done', async () => {
    const server = await grpcServer(() => {
      server.connections[0]?.destroy();
      return undefined;
    });
    const update = withMilvusClient({ address: server.endpoint.url, token: 'one:password' }, (client) =>
      client.updatePassword({ username: 'one', oldPassword: 'password', newPassword: 'Password-2' }),
    );
    await expect(update).rejects.toMatchObject({ code: UNAVAILABLE });
    expect([server.calls.length, server.connections.length]).toEqual([1, 1]);
  });

  it('takes no service configuration from the DNS, which could allow retries', async () => {
    const resolveTxt = vi.spyOn(promises, 'resolveTxt').mockResolvedValue([]);
    const { endpoint } = await grpcServer(describeCaller);
    const address = `http://localhost:${endpoint.port}`;
    expect(await login({ address, token: 'one:password' })).toEqual(['role of one']);
    expect(resolveTxt).not.toHaveBeenCalled();
  });

  it('sends an update once, also if the server refuses the stream, which gRPC repeats by itself', async () => {
    const server = await grpcServer(() => ({ reset: constants.NGHTTP2_REFUSED_STREAM }));
    const update = withMilvusClient({ address: server.endpoint.url, token: 'one:password' }, (client) =>
      client.updatePassword({ username: 'one', oldPassword: 'password', newPassword: 'Password-2' }),
    );
    await expect(update).rejects.toMatchObject({ code: UNAVAILABLE });
    expect(server.calls.length).toBe(1);
  });
});
