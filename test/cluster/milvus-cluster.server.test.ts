import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { PROJECT } from '../../local/project.ts';
import { clusterContract } from '../contract/cluster-contract.ts';
import { LOOPBACK, newClusterUser, newPassword, servers, unusedEndpoint } from '../support/servers.ts';

for (const server of ['tls', 'plaintext'] as const) {
  clusterContract(`MilvusCluster (${server})`, async () => ({
    cluster: createMilvusCluster({ privateCa: servers().access.milvus[server].caPem }),
    user: await newClusterUser(server),
    unusedEndpoint: await unusedEndpoint(),
    // The TLS server has no super users, which is Milvus's default: it asks even root for the old password.
    admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
  }));
}

describe('MilvusCluster', () => {
  it('calls a certificate of an unknown authority unreachable, and says why', async () => {
    const user = await newClusterUser('tls');
    await expect(createMilvusCluster().authenticates(user)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/certificate/),
    });
  });

  it('tells the roles of the user', async () => {
    const cloud = servers();
    const user = await newClusterUser('plaintext');
    const admin = { ...user, username: `${user.username}_admin`.slice(0, 32), password: newPassword() };
    await cloud.createClusterUser('plaintext', { ...admin, roles: ['admin'] });
    const cluster = createMilvusCluster();
    expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles: [] });
    expect(await cluster.authenticates(admin)).toEqual({ kind: 'accepted', roles: ['admin'] });
  });

  it('gives up on a server that never answers, and does not call it rejecting', async () => {
    const silent = await http2Server(() => undefined);
    const cluster = createMilvusCluster({ timeoutMs: 300 });
    await expect(cluster.authenticates(someoneAt(silent))).rejects.toMatchObject({ kind: 'no-answer' });
    await expect(cluster.changePassword(someoneAt(silent), newPassword())).rejects.toMatchObject({ kind: 'no-answer' });
  });

  it.each([401, 403, 503])('calls a gateway that answers HTTP %i in front of the cluster not ready', async (status) => {
    const gateway = await http2Server((respond) => respond({ ':status': status, 'content-type': 'text/html' }));
    const cluster = createMilvusCluster({ timeoutMs: 2000 });
    await expect(cluster.authenticates(someoneAt(gateway))).rejects.toMatchObject({ kind: 'not-ready' });
    await expect(cluster.changePassword(someoneAt(gateway), newPassword())).rejects.toMatchObject({
      kind: 'not-ready',
    });
  });

  it.each([
    [7, 'forbidden', { kind: 'refused', reason: 'forbidden' }],
    [3, undefined, { kind: 'refused', reason: 'new-password' }],
    [16, 'rejected', { kind: 'refused', reason: 'old-password' }],
  ])('reads gRPC status %i', async (status, login, change) => {
    const server = await http2Server((respond) =>
      respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': 'no' }),
    );
    const cluster = createMilvusCluster({ timeoutMs: 2000 });
    if (login !== undefined) {
      expect(await cluster.authenticates(someoneAt(server))).toEqual({ kind: login });
    }
    expect(await cluster.changePassword(someoneAt(server), newPassword())).toMatchObject(change);
  });

  it('asks once: a refused update is not sent again', async () => {
    let requests = 0;
    const server = await http2Server((respond) => {
      requests += 1;
      respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': 14, 'grpc-message': 'away' });
    });
    const cluster = createMilvusCluster({ timeoutMs: 2000 });
    await expect(cluster.changePassword(someoneAt(server), newPassword())).rejects.toThrow('away');
    expect(requests).toBe(1);
  });

  it('takes secrets out of what a server says', async () => {
    const next = newPassword();
    const chatty = await http2Server((respond) =>
      respond({
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': 3,
        'grpc-message': encodeURI(`password ${next} (${Buffer.from(next).toString('base64')}) is weak`),
      }),
    );
    const answer = await createMilvusCluster({ timeoutMs: 2000 }).changePassword(someoneAt(chatty), next);
    expect(answer).toMatchObject({ answer: 'gRPC 3: password [redacted] ([redacted]) is weak' });
  });

  it('prints nothing, even where the SDK would log every request', async () => {
    const user = await newClusterUser('plaintext');
    const next = newPassword();
    // A process of its own: the SDK's logger writes past whatever a test puts in place of the console. The passwords go
    // in by standard input.
    const child = spawn(process.execPath, ['--input-type=module', '--eval', CHANGE_AND_LOG_IN], {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'], NODE_ENV: 'test' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(JSON.stringify({ user, next }));
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'changed accepted rejected\n', stderr: '', exitCode: 0 });
  });
});

const CHANGE_AND_LOG_IN = `
  import { text } from 'node:stream/consumers';
  import { createMilvusCluster } from './cluster/milvus-cluster.ts';
  process.removeAllListeners('warning');
  const { user, next } = JSON.parse(await text(process.stdin));
  const cluster = createMilvusCluster();
  const change = await cluster.changePassword(user, next);
  const now = await cluster.authenticates({ ...user, password: next });
  const before = await cluster.authenticates(user);
  console.log(change.kind, now.kind, before.kind);
`;

type Respond = (headers: Record<string, string | number>) => void;

/** A server that speaks HTTP/2 and answers what the test says: what stands in front of a cluster, or a cluster's refusals. */
async function http2Server(answer: (respond: Respond) => void): Promise<Http2Server> {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    answer((headers) => {
      stream.respond(headers, { endStream: true });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const session of sessions) {
      session.destroy();
    }
    server.close();
  });
  return server;
}

function someoneAt(server: Http2Server): Credentials {
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: parseEndpoint(`http://127.0.0.1:${port}`, LOOPBACK),
    username: 'someone',
    password: newPassword(),
  };
}
