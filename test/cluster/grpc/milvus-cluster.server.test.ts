import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createMilvusCluster } from '../../../cluster/grpc/milvus-cluster.ts';
import { PROJECT } from '../../../local/project.ts';
import { clusterContract } from '../../contract/cluster-contract.ts';
import { unusedEndpoint } from '../../support/loopback.ts';
import { newClusterUser, newPassword, servers } from '../../support/servers.ts';

for (const server of ['tls', 'plaintext'] as const) {
  clusterContract(`MilvusCluster (${server})`, async () => ({
    cluster: createMilvusCluster({ privateCa: servers().access.milvus[server].caPem }),
    user: await newClusterUser(server),
    unusedEndpoint: await unusedEndpoint(),
    // The TLS server has no super users, which is Milvus's default: it asks even root for the old
    // password.
    admin: { token: `root:${servers().access.milvus[server].rootPassword}`, mayReset: server === 'plaintext' },
  }));
}

describe('MilvusCluster', () => {
  it('tells the roles of the user', async () => {
    const cloud = servers();
    const user = await newClusterUser('plaintext');
    const admin = { ...user, username: `${user.username}_admin`.slice(0, 32), password: newPassword() };
    await cloud.createClusterUser('plaintext', { ...admin, roles: ['admin'] });
    const cluster = createMilvusCluster();
    expect(await cluster.authenticates(user)).toEqual({ kind: 'accepted', roles: [] });
    expect(await cluster.authenticates(admin)).toEqual({ kind: 'accepted', roles: ['admin'] });
  });

  it('prints nothing, even where the SDK would log every request', async () => {
    const user = await newClusterUser('plaintext');
    const next = newPassword();
    // A process of its own: the SDK's logger writes past whatever a test puts in place of the
    // console. The passwords go in by standard input.
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
  import { createMilvusCluster } from './cluster/grpc/milvus-cluster.ts';
  process.removeAllListeners('warning');
  const { user, next } = JSON.parse(await text(process.stdin));
  const cluster = createMilvusCluster();
  const change = await cluster.changePassword(user, next);
  const now = await cluster.authenticates({ ...user, password: next });
  const before = await cluster.authenticates(user);
  console.log(change.kind, now.kind, before.kind);
`;
