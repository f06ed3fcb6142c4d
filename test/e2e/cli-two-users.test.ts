import { beforeAll, describe, expect, it } from 'vitest';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../protocol/cluster/endpoint.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, AWSPREVIOUS, sentLabel } from '../../protocol/secret/versions.ts';
import { deployRotation, labelsOf, passwordsOf, setRetries } from '../support/deployed-rotation.ts';
import { LOOPBACK } from '../support/loopback.ts';
import { leakedForms } from '../support/password-forms.ts';
import { canLogIn, createdPasswords, newClusterUser, secretsManager, servers, uniqueName } from '../support/servers.ts';
import { newAdminSecret, newRole } from './support/admin-secret.ts';
import { printedByCommands, runCommand, runWithPasswords } from './support/operator-command.ts';

/** The operator's command on two users that take turns. The tests are the steps of one story. */
describe('zilliz-rotation with two users that take turns', () => {
  const secret = uniqueName('zilliz/two');
  const usernames = [uniqueName('a'), uniqueName('b')] as const;
  const { endpoint: url, caPem, rootPassword } = servers().access.milvus.tls;
  const endpoint = parseEndpoint(url, LOOPBACK);
  const root = { endpoint, token: `root:${rootPassword}` };
  const adminCluster = createMilvusAdminCluster({ privateCa: caPem });
  let role: string;
  let admin: string;

  beforeAll(async () => {
    [role, admin] = [await newRole('tls'), await newAdminSecret('tls')];
  });

  async function credentialIn(VersionId: string | undefined, SecretId = secret): Promise<Credentials> {
    const { SecretString = '' } = await secretsManager().getSecretValue({ SecretId, VersionId });
    const { username, password } = parseDocument(SecretString);
    return { endpoint, username, password };
  }

  /** The credential in AWSCURRENT and the one before it, which must both log in. */
  async function expectBothLogIn(current: string): Promise<readonly [Credentials, Credentials]> {
    const labels = await labelsOf(secret);
    const both = [await credentialIn(labels[AWSCURRENT]), await credentialIn(labels[AWSPREVIOUS])] as const;
    expect(both[0].username).toBe(current);
    expect(new Set(both.map(({ username }) => username))).toEqual(new Set(usernames));
    expect([await canLogIn(both[0]), await canLogIn(both[1])]).toEqual([true, true]);
    return both;
  }

  const init = (name: string, users: readonly string[], ...more: string[]) =>
    [
      ...['init', name, '--strategy', 'alternating-users', '--users', users.join(',')],
      ...['--admin-secret', admin, '--yes', '--json', ...more],
    ] as const;

  it('creates both users with their role, and both stored tokens log in', async () => {
    const { code, out, err } = await runCommand(...init(secret, usernames, '--endpoint', url, '--role', role));

    expect(code, out + err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'ready',
      users: usernames.map((username) => ({ username, origin: 'new' })),
    });
    const labels = await labelsOf(secret);
    const versions = Object.entries(labels).toSorted();
    expect(versions).toEqual([
      [AWSCURRENT, expect.any(String)],
      [sentLabel(versions[1]?.[1] ?? ''), expect.any(String)],
    ]);
    for (const [index, username] of usernames.entries()) {
      const credential = await credentialIn(versions[index]?.[1]);
      expect(credential.username).toBe(username);
      expect(await canLogIn(credential)).toBe(true);
      expect(await adminCluster.describeUser(root, username)).toEqual({ kind: 'found', roles: [role] });
    }
  });

  it('is in order when init runs again', async () => {
    const { code, out } = await runCommand(...init(secret, usernames));

    expect([code, JSON.parse(out).outcome]).toEqual([0, 'in-order']);
  });

  it('rotates after the deployment: the second user becomes current, and both tokens log in', async () => {
    await deployRotation([{ name: secret, strategy: 'alternating-users', endpoint: url, usernames: [...usernames] }]);
    await setRetries(secret, 0);

    const { code, err } = await runCommand('rotate', secret);

    expect(code, err).toBe(0);
    await expectBothLogIn(usernames[1]);
  });

  it('shows both users with equal roles in status', async () => {
    const { code, out } = await runCommand('status', secret, '--json');

    expect(code, out).toBe(0);
    expect(JSON.parse(out).secrets[0].strategy).toMatchObject({
      name: 'alternating-users',
      source: 'function',
      current: { username: usernames[1], roles: [role] },
      other: { username: usernames[0], inForce: true, roles: [role] },
      rolesEqual: true,
    });
  });

  it('replaces both passwords after a leak', async () => {
    const leaked = await expectBothLogIn(usernames[1]);
    const refused = await runCommand('rotate', secret, '--retry-wait', '0s', '--json');
    const { code, out, err } = await runCommand('rotate', secret, '--both-users', '--yes');

    expect(JSON.parse(refused.out).secrets[0].error.code).toBe('ROTATED_TOO_RECENTLY');
    expect(code, out + err).toBe(0);
    await expectBothLogIn(usernames[1]);
    expect([await canLogIn(leaked[0]), await canLogIn(leaked[1])]).toEqual([false, false]);
  });

  it('takes a user that exists into rotation, and then adds a second user while AWSCURRENT stays', async () => {
    const user = await newClusterUser('tls', [role]);
    const name = uniqueName('zilliz/single');
    const args = ['init', name, '--endpoint', url, '--username', user.username, '--yes'];
    const wrong = await runWithPasswords([`${user.password}x`], ...args);
    const single = await runWithPasswords([user.password], ...args);
    const before = await labelsOf(name);
    const second = uniqueName('second');
    const pair = await runCommand(...init(name, [user.username, second]));

    expect([wrong.code, single.code, pair.code], wrong.out + single.out + pair.out).toEqual([5, 0, 0]);
    expect(await credentialIn(undefined, name)).toEqual(user);
    expect(await labelsOf(name)).toMatchObject(before);
    expect(await canLogIn(user)).toBe(true);
    expect(await adminCluster.describeUser(root, second)).toEqual({ kind: 'found', roles: [role] });
  });

  it('prints no password in any form', async () => {
    const passwords = new Set([...createdPasswords, ...(await passwordsOf(secret)), rootPassword]);

    expect(printedByCommands()).toContain('rotated in');
    expect(leakedForms(printedByCommands(), passwords)).toEqual([]);
  });
});
