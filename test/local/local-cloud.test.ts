import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isClaimed } from '../../local/cloud/claim.ts';
import { environmentFileOf, recordFileOf, removeState } from '../../local/cloud/state.ts';
import { type LocalCloud, startLocalCloud } from '../../local/local-cloud.ts';
import { LOCAL } from '../../local/project.ts';
import { logIn } from '../../local/servers/milvus-client.ts';
import { serve } from '../support/loopback.ts';
import { processesIn } from './support/processes-in.ts';

// The contract of the cluster proves logins, roles, super users and REST on these servers:
// test/adapters/bundled-cluster.server.test.ts.

const stateDir = join(LOCAL, `test-cloud-${process.pid}`);
let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startLocalCloud({ stateDir });
});

afterAll(() => cloud.stop());

describe('The TLS server of the local cloud', () => {
  test('is not trusted by another client', async () => {
    const { tls } = cloud.access.milvus;
    await expect(logIn({ endpoint: tls.endpoint }, `root:${tls.rootPassword}`)).rejects.toThrow(/unable to verify/);
  });

  test('has a certificate for localhost and 127.0.0.1, and no file has the key of its authority', async () => {
    const { port } = new URL(cloud.access.milvus.tls.endpoint);
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: readFileSync(cloud.access.caFile) });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.getPeerCertificate().subjectaltname).toContain('DNS:localhost, IP Address:127.0.0.1');
    socket.destroy();
    expect(readdirSync(join(stateDir, 'certificates')).sort()).toEqual(['ca.pem', 'server.key', 'server.pem']);
  });
});

describe('The Milvus servers', () => {
  test.each(['tls', 'plaintext'] as const)('refuse the factory password: %s', async (name) => {
    expect(await logIn(cloud.access.milvus[name], 'root:Milvus')).toBe('refused');
  });

  test('do not write a password to their logs', async () => {
    const { tls } = cloud.access.milvus;
    const passwords = { right: 'Zz9!quite-unmistakable', wrong: 'Yy8!as-unmistakable', root: tls.rootPassword };
    await cloud.createClusterUser('tls', { username: 'log_test', password: passwords.right });
    expect(await logIn(tls, `log_test:${passwords.wrong}`)).toBe('refused');
    const log = readFileSync(join(stateDir, 'milvus-tls', 'logs', 'milvus.log'), 'utf8');
    // Compare booleans, because a failed comparison of texts would print the log.
    expect(log.includes('fail to verify password"] [username=log_test]')).toBe(true);
    for (const [name, password] of Object.entries(passwords)) {
      expect(log.includes(password), name).toBe(false);
      expect(log.includes(Buffer.from(password).toString('base64')), name).toBe(false);
    }
  });
});

test('Only their owner can read the files with root passwords', () => {
  for (const file of [recordFileOf(stateDir), environmentFileOf(stateDir)]) {
    expect(statSync(file).mode & 0o077).toBe(0);
  }
});

test('If one server cannot start, no server of the cloud runs and its folder is free', async () => {
  const { port } = await serve(createServer());
  const other = join(LOCAL, `test-failing-${process.pid}`);
  const start = startLocalCloud({ stateDir: other, emulator: { port } });
  await expect(start).rejects.toThrow(`did not start on port ${port}`);
  expect(processesIn(other)).toEqual([]);
  expect(await isClaimed(other)).toBe(false);
  removeState(other);
});
