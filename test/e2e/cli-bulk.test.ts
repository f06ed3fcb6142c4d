import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  const folder = mkdtempSync(join(tmpdir(), 'journals-'));
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

  afterAll(() => rmSync(folder, { recursive: true }));

  async function currentVersions(): Promise<(string | undefined)[]> {
    return await Promise.all(members.map(async ({ secret }) => (await labelsOf(secret))['AWSCURRENT']));
  }

  async function allLogIn(): Promise<boolean> {
    const logins = members.map(
      async ({ user, secret }) => await canLogIn({ ...user, password: await currentPassword(secret) }),
    );
    return (await Promise.all(logins)).every(Boolean);
  }

  it('shows the plan with --dry-run and in a pipe without --yes, and changes nothing', async () => {
    const before = await currentVersions();

    const dry = await runCommand('rotate', '--tag', `fleet=${fleet}`, '--dry-run');
    expect(dry.code, dry.err).toBe(0);
    expect(dry.out).toContain('plan: rotate 4 secrets');
    const unasked = await runCommand('rotate', '--tag', `fleet=${fleet}`);
    expect(unasked.code, unasked.err).toBe(5);

    expect(await currentVersions()).toEqual(before);
  });

  it('continues after a kill, and rotates each secret once', async () => {
    const before = await currentVersions();
    const journal = join(folder, 'killed.jsonl');
    const select = ['rotate', '--tag', `fleet=${fleet}`, '--yes', '--journal', journal];
    const { signal, result } = startCommand(...select, '--concurrency', '2');
    const starts = (): number => (existsSync(journal) ? readFileSync(journal, 'utf8').split('"start"').length - 1 : 0);
    await expect.poll(starts, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    signal('SIGKILL');
    await result;

    const resumed = await runCommand('rotate', '--resume', journal, '--yes', '--json');

    expect(resumed.code, resumed.err + resumed.out).toBe(0);
    const records = readFileSync(journal, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; arn: string; token: string });
    const tokens = Map.groupBy(
      records.filter(({ event }) => event === 'start'),
      ({ arn }) => arn,
    );
    expect([...tokens.values()].map((of) => new Set(of.map(({ token }) => token)).size)).toEqual([1, 1, 1, 1]);
    const after = await currentVersions();
    expect(after.toSorted()).toEqual([...tokens.values()].map((of) => of[0]?.token).toSorted());
    expect(after.filter((version) => before.includes(version))).toEqual([]);
    expect(await allLogIn()).toBe(true);
  });

  it('rotates the secrets of one cluster, and prints one document', async () => {
    const before = await currentVersions();
    const endpoint = members[0]?.user.endpoint.url ?? '';

    const { code, out, err } = await runCommand(
      ...['rotate', '--tag', `fleet=${fleet}`, '--endpoint', endpoint, '--yes', '--json'],
      ...['--journal', join(folder, 'cluster.jsonl')],
    );

    expect(code, err + out).toBe(0);
    expect(JSON.parse(out).secrets).toHaveLength(2);
    const after = await currentVersions();
    expect(after.map((version, index) => version !== before[index])).toEqual([true, false, true, false]);
    expect(await allLogIn()).toBe(true);
  });

  it('prints and records no password in any form', async () => {
    const stored = (await Promise.all(members.map(async ({ secret }) => await passwordsOf(secret)))).flat();
    const journal = readFileSync(join(folder, 'killed.jsonl'), 'utf8');

    expect(leakedForms(printedByCommands() + journal, new Set([...createdPasswords, ...stored]))).toEqual([]);
  });
});
