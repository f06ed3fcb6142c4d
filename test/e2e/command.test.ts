import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectRotated,
  labelsOf,
  newSecret,
  newUserWithSecret,
  passwordsOf,
  rotationSettles,
  type UserWithSecret,
} from '../support/deployed-rotation.ts';
import { scheduleRotation } from '../support/deployed-stack.ts';
import { leakedForms } from '../support/password-forms.ts';
import { createdPasswords, documentOf, newClusterUser, secretsManager, uniqueName } from '../support/servers.ts';
import { printedByCommands, runCommand, startCommand } from './support/operator-command.ts';

/** What happens to the process of the operator's command, and around it, on real servers. */
describe('zilliz-rotation', () => {
  const fleet = uniqueName('fleet');
  let members: UserWithSecret[];

  beforeAll(async () => {
    members = await Promise.all(
      (['tls', 'plaintext', 'tls', 'plaintext'] as const).map(async (server) => {
        const user = await newClusterUser(server);
        return { user, secret: await newSecret(documentOf(user), { fleet }) };
      }),
    );
    await scheduleRotation(members.map(({ secret }) => secret));
  });

  it('rotates each secret of a fleet once if it is killed, and the command that it printed runs', async () => {
    // Another test moves the clock of the emulator, so the age counts from a date of the emulator.
    const since = ['--older-than', await dateAfterCreation()];
    const running = startCommand('rotate', ...since, '--tag', `fleet=${fleet}`, '--yes', '--concurrency', '2');
    const printed = (): string => /continue with `zilliz-rotation (.+)`/.exec(running.output.out)?.[1] ?? '';
    await expect.poll(printed, { timeout: 30_000, interval: 5 }).toContain('--older-than');
    // Some rotations run, and some have not started.
    await expect.poll(countStarted, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    running.signal('SIGKILL');
    expect((await running.result).code).not.toBe(0);
    // Secrets Manager sets the date of a rotation at its end.
    await Promise.all(members.map(({ secret }) => rotationSettles(secret)));

    const continued = await runCommand(...printed().split(' '));

    expect(continued.code, continued.err + continued.out).toBe(0);
    for (const { user, secret } of members) {
      expect(await passwordsOf(secret)).toHaveLength(2);
      await expectRotated(secret, user);
    }
  });

  /** A time after the creation of every secret and before every rotation. */
  async function dateAfterCreation(): Promise<string> {
    const described = await Promise.all(
      members.map(({ secret }) => secretsManager().describeSecret({ SecretId: secret })),
    );
    const dates = described.map(({ CreatedDate }) => CreatedDate?.getTime() ?? 0);
    return new Date(Math.max(...dates) + 1).toISOString();
  }

  /** How many secrets have a version beside the first one. */
  async function countStarted(): Promise<number> {
    const labels = await Promise.all(members.map(({ secret }) => labelsOf(secret)));
    return labels.filter(({ AWSPENDING }) => AWSPENDING !== undefined).length;
  }

  it.each([
    // A fast rotation can end before the command sees the signal.
    ['the first', ['SIGINT'], /continues in AWS|is complete: AWSCURRENT is the new version/],
    ['the second', ['SIGINT', 'SIGINT'], /^/],
  ] as const)('ends at %s Ctrl-C while its rotation continues and completes', async (_, signals, message) => {
    const { secret, user } = await newUserWithSecret('tls');
    await scheduleRotation([secret]);
    const { output, result, signal } = startCommand('rotate', secret);
    await expect.poll(() => output.err, { timeout: 20_000, interval: 5 }).toContain('rotation started');
    for (const each of signals) {
      signal(each);
    }
    const { code, out, err } = await result;

    expect(code).toBe(130);
    expect(out).toMatch(message);
    await rotationSettles(secret);
    const token = /version ([0-9a-f-]{36})/.exec(err)?.[1];
    expect((await labelsOf(secret))['AWSCURRENT']).toBe(token);
    await expectRotated(secret, user);
  });

  it('prints no password in any form', async () => {
    const stored = (await Promise.all(members.map(({ secret }) => passwordsOf(secret)))).flat();
    expect(leakedForms(printedByCommands(), new Set([...createdPasswords, ...stored]))).toEqual([]);
  });
});
