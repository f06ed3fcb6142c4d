import { beforeAll, describe, expect, it } from 'vitest';
import {
  currentPassword,
  deployRotation,
  labelsOf,
  newSecret,
  passwordsOf,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { leakedForms } from '../support/password-forms.ts';
import { canLogIn, createdPasswords, documentOf, newClusterUser, uniqueName } from '../support/servers.ts';
import { printedByCommands, runCommand, startCommand } from './support/operator-command.ts';

/** Many secrets at a time, with the deployed function, the emulator and real Milvus servers. */
describe('zilliz-rotation rotate with conditions', () => {
  const fleet = uniqueName('fleet');
  const select = ['rotate', '--tag', `fleet=${fleet}`, '--yes'];
  let members: UserWithSecret[];

  beforeAll(async () => {
    members = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const user = await newClusterUser(index % 2 === 0 ? 'tls' : 'plaintext');
        return { user, secret: await newSecret(documentOf(user), { fleet }) };
      }),
    );
    await deployRotation(members.map(({ secret }) => ({ name: secret })));
  });

  /** How many passwords each secret has had. */
  async function passwordCounts(): Promise<number[]> {
    return await Promise.all(members.map(async ({ secret }) => (await passwordsOf(secret)).length));
  }

  async function allLogIn(): Promise<boolean> {
    const logins = members.map(
      async ({ user, secret }) => await canLogIn({ ...user, password: await currentPassword(secret) }),
    );
    return (await Promise.all(logins)).every(Boolean);
  }

  it('rotates each secret once if it is killed, and the command that it printed runs', async () => {
    const running = startCommand(...select, '--concurrency', '2');
    const printed = (): string => /continue with `zilliz-rotation (.+)`/.exec(running.output.out)?.[1] ?? '';
    await expect.poll(printed, { timeout: 30_000, interval: 5 }).toContain('--older-than');
    // Some rotations run, and some have not started.
    await expect.poll(countStarted, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    running.signal('SIGKILL');
    expect((await running.result).code).not.toBe(0);

    const continued = await runCommand(...printed().split(' '));

    expect(continued.code, continued.err + continued.out).toBe(0);
    expect(await passwordCounts()).toEqual([2, 2, 2, 2]);
    expect(await allLogIn()).toBe(true);
  });

  /** How many secrets have a version beside the first one. */
  async function countStarted(): Promise<number> {
    const labels = await Promise.all(members.map(async ({ secret }) => await labelsOf(secret)));
    return labels.filter(({ AWSPENDING }) => AWSPENDING !== undefined).length;
  }

  it('rotates the secrets of one cluster, and prints one document', async () => {
    const endpoint = members[0]?.user.endpoint.url ?? '';

    const { code, out, err } = await runCommand(...select, '--endpoint', endpoint, '--json');

    expect(code, err + out).toBe(0);
    expect(JSON.parse(out).secrets).toHaveLength(2);
    expect(await passwordCounts()).toEqual([3, 2, 3, 2]);
    expect(await allLogIn()).toBe(true);
  });

  it('prints no password in any form', async () => {
    const stored = (await Promise.all(members.map(async ({ secret }) => await passwordsOf(secret)))).flat();

    expect(leakedForms(printedByCommands(), new Set([...createdPasswords, ...stored]))).toEqual([]);
  });
});
