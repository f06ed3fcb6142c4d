import { describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../../../protocol/secret/versions.ts';
import type { Fixture } from '../../support/command-fixture.ts';
import { createFleetFixture, JOURNAL, journalOf, ROTATE_ALL } from '../../support/fleet-fixture.ts';
import { interruptAt } from '../../support/interrupted-calls.ts';
import { attemptAndFail, documentOf, FORBIDDEN, NEW_PASSWORD, OLD_PASSWORD } from '../../support/rotations.ts';

const RESUME = ['rotate', '--resume', JOURNAL, '--yes'];

/** The names of all calls of an undisturbed run. */
async function callsOfRun(): Promise<readonly string[]> {
  const fixture = createFleetFixture(3);
  const { calls } = interruptAt(fixture, Number.POSITIVE_INFINITY, 'dies before');
  await fixture.run(ROTATE_ALL);
  return calls;
}

async function runUntilDeath(index: number, when: 'dies before' | 'dies after'): Promise<Fixture> {
  const fixture = createFleetFixture(3);
  const { restore } = interruptAt(fixture, index, when);
  await fixture.run(ROTATE_ALL);
  restore();
  return fixture;
}

/** Resumes, or begins again if the journal holds no selection because nothing was started. */
async function continueRun(fixture: Fixture): Promise<number> {
  const { code, err } = await fixture.run(RESUME);
  if (code !== 2) {
    return code;
  }
  expect(err).toMatch(/holds no selection|cannot be read/);
  expect(fixture.aws.started).toEqual([]);
  fixture.files.delete(JOURNAL);
  return (await fixture.run(ROTATE_ALL)).code;
}

/** The number of rotations, and the secrets whose AWSCURRENT is of their rotation. */
function resultOf({ aws }: Fixture): { rotations: number; current: number } {
  const current = aws.started.filter(({ secret, token }) => aws.secret(secret).store.holder(AWSCURRENT) === token);
  return { rotations: aws.started.length, current: new Set(current.map(({ secret }) => secret)).size };
}

const calls = await callsOfRun();

describe('rotate --resume', () => {
  it('is tested at more than a dozen calls, among them RotateSecret and lines of the journal', () => {
    expect(calls.filter((call) => call === 'startRotation')).toHaveLength(3);
    expect(calls.filter((call) => call === 'append').length).toBeGreaterThan(8);
  });

  it.each(['dies before', 'dies after'] as const)(
    'rotates each secret once if the command %s any call',
    async (when) => {
      for (const [index, call] of calls.entries()) {
        const fixture = await runUntilDeath(index, when);

        const code = await continueRun(fixture);

        const where = `${when} call ${index}, ${call}`;
        expect(code, where).toBe(0);
        expect(resultOf(fixture), where).toEqual({ rotations: 3, current: 3 });
      }
    },
  );

  it('rotates each secret once if a crash tears any line of the journal', async () => {
    const appends = [...calls.entries()].filter(([, call]) => call === 'append').map(([index]) => index);
    for (const index of appends) {
      const fixture = await runUntilDeath(index, 'dies after');
      const text = fixture.files.get(JOURNAL) ?? '';
      const lastLine = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
      for (const torn of [1, Math.ceil(lastLine.length / 2), lastLine.length - 1]) {
        const copy = await runUntilDeath(index, 'dies after');
        copy.files.set(JOURNAL, text.slice(0, text.length - torn));

        await continueRun(copy);

        expect(resultOf(copy), `append ${index} without its last ${torn} bytes`).toEqual({ rotations: 3, current: 3 });
        expect(() => journalOf(copy)).not.toThrow();
      }
    }
  });

  it('continues after Ctrl-C: follows what runs, and rotates the rest', async () => {
    const fixture = createFleetFixture(3);
    fixture.clock.after(300, () => fixture.interruption.abort());
    const interrupted = await fixture.run([...ROTATE_ALL, '--concurrency', '1']);
    expect(interrupted.code).toBe(130);
    expect(fixture.aws.started).toHaveLength(1);

    fixture.interruption = new AbortController();
    const resumed = await fixture.run(RESUME);

    expect(resumed.code).toBe(0);
    expect(resumed.out).toContain('1 secret of them may rotate already');
    expect(resultOf(fixture)).toEqual({ rotations: 3, current: 3 });
  });

  it('sends RotateSecret with the recorded token if the earlier request did not arrive', async () => {
    const index = calls.indexOf('startRotation');
    const fixture = await runUntilDeath(index, 'dies before');
    const recorded = journalOf(fixture).filter(({ event }) => event === 'start');
    expect(recorded.length).toBeGreaterThan(0);

    await continueRun(fixture);

    const tokens = fixture.aws.started.map(({ token }) => token);
    expect(tokens).toEqual(expect.arrayContaining(recorded.map(({ token }) => token)));
  });

  it('says so if another version has become AWSCURRENT since the crash', async () => {
    // The line that says that the rotation has started.
    const fixture = await runUntilDeath(calls.indexOf('append', calls.lastIndexOf('startRotation')), 'dies after');
    const [{ arn = '' } = {}] = journalOf(fixture).filter(({ event }) => event === 'started') as { arn?: string }[];
    const { store } = fixture.aws.secret(arn);
    store.storeByHand('by-hand', documentOf(OLD_PASSWORD));

    const { code, out } = await fixture.run(RESUME);

    expect(code).toBe(3);
    expect(out).toContain('failed (superseded): 1');
    expect(out).toContain('Since then, another version has become AWSCURRENT');
  });

  it('says that a journal is complete, and does not rotate again', async () => {
    const fixture = createFleetFixture(2);
    await fixture.run(ROTATE_ALL);

    const { code, out } = await fixture.run(RESUME);

    expect(code).toBe(0);
    expect(out).toContain('journal.jsonl is complete: every rotation has ended. Nothing was started.');
    expect(out).toMatch(/rotated: 2 secrets: fleet-0, fleet-1\n$/);
    expect(fixture.aws.started).toHaveLength(2);
  });

  it('ends a complete journal with the exit code of its most serious outcome', async () => {
    const fixture = createFleetFixture(2);
    fixture.aws.secret('fleet-1').rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    expect((await fixture.run([...ROTATE_ALL, '--max-failures', '2'])).code).toBe(3);

    const { code, document } = await fixture.runJson(...RESUME);

    expect(code).toBe(3);
    expect(document.secrets).toMatchObject([
      { outcome: 'rotated', exitCode: 0, error: null },
      { outcome: 'failed', exitCode: 3, error: { code: 'CHANGE_FORBIDDEN' } },
    ]);
    expect(fixture.aws.started).toHaveLength(2);
  });

  it('tries again what could not start', async () => {
    const fixture = createFleetFixture(2);
    fixture.aws.failing.set('RotateSecret', 'access-denied');
    expect((await fixture.run(ROTATE_ALL)).code).toBe(5);
    fixture.aws.failing.delete('RotateSecret');

    expect((await fixture.run(RESUME)).code).toBe(0);
    expect(resultOf(fixture)).toEqual({ rotations: 2, current: 2 });
  });

  it('uses the profile with which the secret was found, and the region of its ARN', async () => {
    const fixture = createFleetFixture(1);
    await fixture.run([...ROTATE_ALL, '--profiles', 'shop']);
    const text = fixture.files.get(JOURNAL) ?? '';
    fixture.files.set(JOURNAL, `${text.split('\n').slice(0, 2).join('\n')}\n`);
    fixture.connections.length = 0;

    await fixture.run(RESUME);

    expect(fixture.connections).toContainEqual({ region: 'us-east-1', profile: 'shop' });
  });

  it('says which process of another machine may still run', async () => {
    const fixture = await runUntilDeath(calls.indexOf('startRotation'), 'dies after');
    fixture.files.set(JOURNAL, (fixture.files.get(JOURNAL) ?? '').replace('"operator"', '"build-7"'));

    expect((await fixture.run(RESUME)).out).toContain('Make sure that process 1000 on build-7 does not run any more');
  });

  it.each([['fleet-0'], ['--all']])('refuses %s beside a journal', async (arg) => {
    const fixture = createFleetFixture(1);
    await fixture.run(ROTATE_ALL);

    const { code, err } = await fixture.run([...RESUME, arg]);

    expect(code).toBe(2);
    expect(err).toContain('Leave out names, conditions and --journal');
  });

  it('refuses a file that is no journal, and does not show its text', async () => {
    const fixture = createFleetFixture(1);
    fixture.files.set(JOURNAL, `${documentOf(NEW_PASSWORD)}\n`);

    const { code, err } = await fixture.run(RESUME);

    expect(code).toBe(2);
    expect(err).toContain('journal.jsonl: line 1 is no record of a journal');
    expect(err).not.toContain(JSON.stringify(NEW_PASSWORD));
  });
});
