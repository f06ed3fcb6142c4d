import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMilvusRestCluster } from '../../adapters/milvus-rest-cluster.ts';
import { LOOPBACK } from '../../local/cloud/access.ts';
import { PROJECT } from '../../local/project.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { unusedEndpoint } from '../support/loopback.ts';
import { selfSigned } from './support/grpc-server.ts';
import { rawServer } from './support/raw-server.ts';
import { type RestAnswer, restServer, UNAUTHENTICATED } from './support/rest-server.ts';

const ROLELESS: RestAnswer = { status: 200, body: { code: 0, data: [] } };

const cluster = createMilvusRestCluster({ timeoutMs: 10_000 });

function someoneAt({ endpoint }: { endpoint: Endpoint }): Credentials {
  return { endpoint, username: 'someone', password: 'Old+password-1' };
}

describe('a password that an HTTP header cannot hold', () => {
  it.each(['with space at its end ', 'trailing-tab\t', 'ümlaut-password', '密码-password'])(
    'travels in base64: %j',
    async (password) => {
      const server = await restServer(() => ROLELESS);
      await cluster.authenticates({ ...someoneAt(server), password });
      const [scheme, value = ''] = String(server.calls[0]?.headers.authorization).split(' ');
      expect([scheme, Buffer.from(value, 'base64').toString()]).toEqual(['Basic', `someone:${password}`]);
    },
  );

  it.each(['with:colons:', ' space-at-its-start', 'Bearer in-it'])('does not include %j', async (password) => {
    const server = await restServer(() => ROLELESS);
    await cluster.authenticates({ ...someoneAt(server), password });
    expect(server.calls[0]?.headers.authorization).toBe(`Bearer someone:${password}`);
  });
});

describe('a server that never answers', () => {
  // The SDK prints a warning if its own time limit ends a request.
  it.each<[string, (socket: Socket) => void]>([
    ['at all', () => undefined],
    ['completely', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"code":0')],
    ['in HTTP/1.1', (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n')],
  ])('%s neither rejects a login nor refuses a change, and nothing is printed', async (_, answer) => {
    const warn = vi.spyOn(console, 'warn');
    onTestFinished(() => warn.mockRestore());
    const user = someoneAt({ endpoint: await rawServer(answer) });
    const impatient = createMilvusRestCluster({ timeoutMs: 300 });
    await expect(impatient.authenticates(user)).rejects.toMatchObject({ name: 'ClusterUnavailableError' });
    expect(await impatient.changePassword(user, 'New?password-2')).toMatchObject({ kind: 'lost' });
    expect(warn).not.toHaveBeenCalled();
  });

  it('is silent, and its connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const user = someoneAt({ endpoint: await rawServer((socket) => socket.on('close', () => closed.resolve())) });
    const login = createMilvusRestCluster({ timeoutMs: 300 }).authenticates(user);
    await expect(login).rejects.toMatchObject({ kind: 'no-answer' });
    await closed.promise;
  });
});

describe('a body', () => {
  it('that arrives in parts is read to its end', async () => {
    const [first, last] = ['{"code":0,', '"data":["reader"]}'];
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${first.length + last.length}\r\n\r\n`;
    const endpoint = await rawServer((socket) => {
      socket.write(head + first);
      setTimeout(() => socket.write(last), 50);
    });
    const user = someoneAt({ endpoint });
    expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles: ['reader'] });
  });

  it('that never ends is read up to 64 KiB, and quoted up to 500 characters', async () => {
    const answer = `HTTP/1.1 502 Bad Gateway\r\nContent-Length: 99999999\r\n\r\n${'x'.repeat(65_536)}`;
    const user = someoneAt({ endpoint: await rawServer((socket) => socket.write(answer)) });
    await expect(cluster.authenticates(user)).rejects.toMatchObject({
      kind: 'not-ready',
      message: expect.stringContaining(`HTTP 502: ${'x'.repeat(500)}…`),
    });
  });
});

describe('an endpoint with TLS', () => {
  it('is trusted with the certificate of its private authority, and with no other', async () => {
    const certificate = await selfSigned();
    const server = await restServer(() => ROLELESS, certificate);
    const trusting = createMilvusRestCluster({ privateCa: certificate.cert });
    expect(await trusting.authenticates(someoneAt(server))).toMatchObject({ kind: 'accepted' });
    await expect(cluster.authenticates(someoneAt(server))).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/certificate/),
    });
    const other = createMilvusRestCluster({ privateCa: (await selfSigned()).cert });
    await expect(other.authenticates(someoneAt(server))).rejects.toMatchObject({ kind: 'unreachable' });
    expect(server.calls).toHaveLength(1);
  });

  it('that speaks plain text is unreachable', async () => {
    const { endpoint } = await restServer(() => ROLELESS);
    const tls = parseEndpoint(endpoint.url.replace('http:', 'https:'), LOOPBACK);
    await expect(cluster.authenticates(someoneAt({ endpoint: tls }))).rejects.toMatchObject({ kind: 'unreachable' });
  });
});

describe('the connection of a request', () => {
  it('is its own, for which a load balancer may choose another proxy, and is closed after the answer', async () => {
    const server = await restServer(() => UNAUTHENTICATED);
    for (let logins = 1; logins <= 3; logins++) {
      await cluster.authenticates(someoneAt(server));
    }
    expect(server.connections).toHaveLength(3);
    await vi.waitFor(() => expect(server.connections.every(({ destroyed }) => destroyed)).toBe(true));
  });

  it('avoids the proxy of the environment, even where Node uses it', async () => {
    const { endpoint } = await restServer(() => ROLELESS);
    const proxy = (await unusedEndpoint()).url;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', LOG_IN, endpoint.url], {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'], NODE_USE_ENV_PROXY: '1', http_proxy: proxy },
    });
    expect(await text(child.stdout)).toBe(`accepted\n`);
  });
});

const LOG_IN = `
  import { createMilvusRestCluster } from './adapters/milvus-rest-cluster.ts';
  import { parseEndpoint } from './protocol/cluster/endpoint.ts';
  const endpoint = parseEndpoint(process.argv[1], { allowed: ['127.0.0.1'], allowPlaintext: false });
  const login = await createMilvusRestCluster().authenticates({ endpoint, username: 'someone', password: 'any-one' });
  console.log(login.kind);
`;

describe('a connection that ends within the answer', () => {
  it('loses a change', async () => {
    const endpoint = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"code":0'));
    expect(await cluster.changePassword(someoneAt({ endpoint }), 'New?password-2')).toMatchObject({ kind: 'lost' });
  });
});
