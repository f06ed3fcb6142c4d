import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { environmentFileOf, recordFileOf } from '../../local/cloud/state.ts';
import { createClusterUser, logInWithToken } from '../../local/servers/milvus-client.ts';
import { servers, uniqueName } from '../support/servers.ts';

// The contract of the cluster proves logins, roles, super users and REST on these servers:
// test/adapters/bundled-cluster.server.test.ts.

const cloud = servers();
const { stateDir } = cloud.access;

describe('The TLS server of the local cloud', () => {
  test('is not trusted by another client', async () => {
    const { tls } = cloud.access.milvus;
    await expect(logInWithToken({ endpoint: tls.endpoint }, `root:${tls.rootPassword}`)).rejects.toThrow(
      /unable to verify/,
    );
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
    expect(await logInWithToken(cloud.access.milvus[name], 'root:Milvus')).toBe('refused');
  });

  test('let every user of the machine start another', () => {
    expect(statSync('/tmp/milvus').mode & 0o7777).toBe(0o1777);
  });

  test('do not write a password to their logs', async () => {
    const { tls } = cloud.access.milvus;
    const passwords = { right: 'Zz9!quite-unmistakable', wrong: 'Yy8!as-unmistakable', root: tls.rootPassword };
    const username = uniqueName('log');
    await createClusterUser(cloud.access.milvus.tls, { username, password: passwords.right });
    expect(await logInWithToken(tls, `${username}:${passwords.wrong}`)).toBe('refused');
    const log = readFileSync(join(stateDir, 'milvus-tls', 'logs', 'milvus.log'), 'utf8');
    // Compare booleans, because a failed comparison of texts would print the log.
    expect(log.includes(`fail to verify password"] [username=${username}]`)).toBe(true);
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
