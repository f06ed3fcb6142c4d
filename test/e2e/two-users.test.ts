import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS } from '../../protocol/secret/versions.ts';
import { labelsOf, newAdminSecret, passwordsOf, rotateToItsEnd, setRetries } from '../support/deployed-rotation.ts';
import { DeployedStack } from '../support/deployed-stack.ts';
import { leakedForms } from '../support/password-forms.ts';
import {
  canLogIn,
  createdPasswords,
  newClusterUser,
  newRole,
  secretsManager,
  servers,
  uniqueName,
} from '../support/servers.ts';
import { printedByCommands, refreshStatuses, runCommand, runWithPasswords } from './support/operator-command.ts';

/** The tests are the steps of one story, so their order matters. */
describe('a secret that changes from a single user to two users that take turns, and back', () => {
  const { caPem, rootPassword } = servers().access.milvus.tls;
  const name = uniqueName('zilliz/two');
  const second = uniqueName('second');
  const stack = new DeployedStack([]);
  let role: string;
  let admin: string;
  let first: Credentials;
  let application: Application;

  beforeAll(async () => {
    [role, admin] = [await newRole('tls'), await newAdminSecret('tls')];
    first = await newClusterUser('tls', [role]);
  });

  afterAll(() => application.stop());

  async function deploy(users: Record<string, string | string[]>): Promise<void> {
    stack.entries = [{ name, endpoint: first.endpoint.url, ...users }];
    await stack.deploy();
  }

  async function credentialIn(VersionStage: string): Promise<Credentials> {
    const { SecretString = '' } = await secretsManager().getSecretValue({ SecretId: name, VersionStage });
    const { username, password } = parseDocument(SecretString);
    return { ...first, username, password };
  }

  async function expectBothLogIn(): Promise<void> {
    const both = [await credentialIn(AWSCURRENT), await credentialIn(AWSPREVIOUS)] as const;
    expect(new Set(both.map(({ username }) => username))).toEqual(new Set([first.username, second]));
    expect([await canLogIn(both[0]), await canLogIn(both[1])]).toEqual([true, true]);
  }

  it('begins with a user that exists, whose password init proves', async () => {
    const args = ['init', name, '--endpoint', first.endpoint.url, '--username', first.username, '--yes'];
    const wrong = await runWithPasswords([`${first.password}x`], ...args);
    const right = await runWithPasswords([first.password], ...args);
    expect([wrong.code, right.code], wrong.out + right.out).toEqual([5, 0]);

    await deploy({ username: first.username });
    await setRetries(name, 0);
    expect(await credentialIn(AWSCURRENT)).toEqual(first);
    application = startApplication(() => credentialIn(AWSCURRENT));
  });

  it('gets a second user with the roles of the first, and AWSCURRENT stays', async () => {
    const before = await labelsOf(name);
    const init = ['init', name, '--users', `${first.username},${second}`];
    const created = await runCommand(...init, '--admin-secret', admin, '--yes');
    const again = await runCommand(...init, '--admin-secret', admin, '--yes', '--json');

    expect([created.code, again.code], created.out + again.out).toEqual([0, 0]);
    expect(JSON.parse(again.out).outcome).toBe('in-order');
    const cluster = createMilvusAdminCluster({ privateCa: caPem });
    const root = { endpoint: first.endpoint, token: `root:${rootPassword}` };
    expect(await cluster.describeUser(root, second)).toEqual({ kind: 'found', roles: [role] });
    await deploy({ strategy: 'alternating-users', usernames: [first.username, second] });
    expect(await labelsOf(name)).toMatchObject(before);
  });

  it('keeps the credential before the current one valid after each of three rotations', async () => {
    for (const username of [second, first.username, second]) {
      const replaced = await credentialIn(AWSCURRENT);
      const token = await rotateToItsEnd(name, `without-gap-${randomUUID()}`);
      expect(await labelsOf(name)).toMatchObject({ [AWSCURRENT]: token });
      expect((await credentialIn(AWSCURRENT)).username).toBe(username);
      expect(await credentialIn(AWSPREVIOUS)).toEqual(replaced);
      await expectBothLogIn();
      // A rotation may start only when every application has read the secret again.
      await expect.poll(() => application.username, { timeout: 20_000 }).toBe(username);
    }
  });

  it('shows both users with equal roles in status', async () => {
    const { code, out } = await runCommand('status', name, '--json');
    expect(code, out).toBe(0);
    expect(JSON.parse(out).secrets[0].strategy).toMatchObject({
      name: 'alternating-users',
      source: 'function',
      current: { username: second, roles: [role] },
      other: { username: first.username, inForce: true, roles: [role] },
      rolesEqual: true,
    });
  });

  it('shows in doctor whether a replaced credential outlasts a copy', async () => {
    expect(await refreshStatuses(name, ['1h59m', '2h'])).toEqual(['pass', 'warning']);
  });

  it('refuses a rotation within the minimum gap, and both credentials stay valid', async () => {
    const before = await labelsOf(name);
    const { code, out } = await runCommand('rotate', name, '--json');
    expect(code, out).not.toBe(0);
    expect(JSON.parse(out).secrets[0].error.code).toBe('ROTATED_TOO_RECENTLY');
    const labels = await labelsOf(name);
    expect(labels).not.toHaveProperty(AWSPENDING);
    for (const label of [AWSCURRENT, AWSPREVIOUS]) {
      expect(labels[label]).toBe(before[label]);
    }
    await expectBothLogIn();
  });

  it('goes back to the user in AWSCURRENT, and no call was refused on the whole path', async () => {
    const kept = await credentialIn(AWSCURRENT);
    await deploy({ username: kept.username });
    expect(await credentialIn(AWSCURRENT)).toEqual(kept);
    await application.stop();
    expect(application.refused).toEqual([]);
    expect(application.accepted).toBeGreaterThan(50);
  });

  it('rotates the kept user alone, which ends its old credential', async () => {
    const kept = await credentialIn(AWSCURRENT);
    await rotateToItsEnd(name);
    const rotated = await credentialIn(AWSCURRENT);
    expect(rotated.username).toBe(kept.username);
    expect([await canLogIn(rotated), await canLogIn(kept)]).toEqual([true, false]);
  });

  it('printed no password in any form', async () => {
    const passwords = new Set([...createdPasswords, ...(await passwordsOf(name)), rootPassword]);
    expect(leakedForms(printedByCommands(), passwords)).toEqual([]);
  });
});

/** An application that calls the cluster without a pause, and reads the secret every second. */
interface Application {
  /** The user whose credential is in memory. */
  username: string;
  /** How many calls the cluster has accepted, and the users of the refused calls. */
  accepted: number;
  readonly refused: string[];
  stop(): Promise<void>;
}

function startApplication(read: () => Promise<Credentials>): Application {
  let stopped = false;
  const callUntilStopped = async (): Promise<void> => {
    while (!stopped) {
      const credential = await read();
      application.username = credential.username;
      const readAt = performance.now();
      while (!stopped && performance.now() - readAt < 1000) {
        if (await canLogIn(credential)) {
          application.accepted += 1;
        } else {
          application.refused.push(credential.username);
        }
      }
    }
  };
  const application: Application = {
    username: '',
    accepted: 0,
    refused: [],
    stop: () => {
      stopped = true;
      return end;
    },
  };
  const end = callUntilStopped();
  return application;
}
