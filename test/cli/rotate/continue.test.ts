import { describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import type { Fixture } from '../support/command-fixture.ts';
import { interruptAt } from '../support/interrupted-calls.ts';
import { createFleetFixture, ROTATE_ALL } from '../support/orders-fixture.ts';
import {
  attemptAndFail,
  documentOf,
  FORBIDDEN,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
} from '../support/rotations.ts';

/** The command line that the output advises, or the first one if nothing was planned. */
function commandIn(printed: string): readonly string[] {
  const [, line] = /`zilliz-rotation (rotate [^`]+)`/.exec(printed) ?? [];
  return line === undefined ? ROTATE_ALL : line.split(' ');
}

/** The number of rotations, and the secrets whose AWSCURRENT is of their rotation. */
function resultOf({ aws }: Fixture): { rotations: number; current: number } {
  const current = aws.started.filter(({ secret, token }) => aws.secret(secret).store.holder(AWSCURRENT) === token);
  return { rotations: aws.started.length, current: new Set(current.map(({ secret }) => secret)).size };
}

/** Presses Ctrl-C while the rotation of a secret runs. */
function interruptDuring(name: string, { aws, cluster, interruption }: Fixture): void {
  const secret = aws.secret(name);
  secret.rotate = (rotation) => {
    successfulRotation(cluster, documentOf(NEW_PASSWORD, { username: name }))(rotation);
    rotation.at(300, () => interruption.abort());
  };
}

describe('rotate after an interruption', () => {
  it.each(['dies before', 'dies after'] as const)(
    'rotates each secret once if the first command %s any call',
    async (when) => {
      const undisturbed = createFleetFixture(3);
      const { calls } = interruptAt(undisturbed, Number.POSITIVE_INFINITY, when);
      await undisturbed.run(ROTATE_ALL);
      expect(calls.filter((call) => call === 'startRotation')).toHaveLength(3);
      expect(calls.length).toBeGreaterThan(30);

      for (const [index, call] of calls.entries()) {
        const fixture = createFleetFixture(3);
        const { restore } = interruptAt(fixture, index, when);
        const { out } = await fixture.run(ROTATE_ALL);
        restore();
        // AWS sets the date of a rotation some time after AWSCURRENT has moved.
        await fixture.clock.sleep(10_000, new AbortController().signal);

        const { code } = await fixture.run(commandIn(out));

        const where = `${when} call ${index}, ${call}`;
        expect(code, where).toBe(0);
        expect(resultOf(fixture), where).toEqual({ rotations: 3, current: 3 });
      }
    },
  );

  it('says at Ctrl-C which command continues', async () => {
    const fixture = createFleetFixture(3);
    interruptDuring('fleet-0', fixture);
    const { code, document } = await fixture.runJson(...ROTATE_ALL, '--concurrency', '1');
    expect(code).toBe(130);
    expect(document.again).toBe(
      'zilliz-rotation rotate --older-than 2026-03-01T12:00:00.000Z --all --yes --concurrency 1 --json',
    );
    expect(fixture.printed.err).toContain(document.again);
    expect(fixture.aws.started).toHaveLength(1);

    fixture.interruption = new AbortController();
    const { code: second } = await fixture.run(document.again.split(' ').slice(1));

    expect(second).toBe(0);
    expect(resultOf(fixture)).toEqual({ rotations: 3, current: 3 });
  });

  it('keeps an age that the operator gave, and quotes what a shell would change', async () => {
    const fixture = createFleetFixture(1);
    const args = ['rotate', '--older-than', '0s', '--prefix', "o'ther", '--prefix', 'fleet', '--yes'];

    const { document } = await fixture.runJson(...args);

    expect(document.again).toBe(
      String.raw`zilliz-rotation rotate --older-than 0s --prefix 'o'\''ther' --prefix fleet --yes --json`,
    );
  });

  it('tries again what failed or could not start, and exits with 0 if nothing is left', async () => {
    const fixture = createFleetFixture(3);
    fixture.aws.secret('fleet-1').rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    fixture.aws.secret('fleet-2').rotate = { kind: 'refused', reason: 'not-invocable', answer: 'no' };
    const { code, out } = await fixture.run(ROTATE_ALL);
    expect(code).toBe(3);

    for (const name of ['fleet-1', 'fleet-2']) {
      const { store } = fixture.aws.secret(name);
      store.removePendingByHand();
      fixture.aws.secret(name).rotate = successfulRotation(
        fixture.cluster,
        documentOf(NEW_PASSWORD, { username: name }),
      );
    }
    expect(await fixture.run(commandIn(out))).toMatchObject({ code: 0, out: expect.stringContaining('2 rotated') });

    await fixture.clock.sleep(10_000, fixture.interruption.signal);
    const callsBefore = fixture.aws.calls.length;
    const { code: last, document } = await fixture.runJson(...commandIn(out));
    expect(last).toBe(0);
    expect(document).toMatchObject({ again: null, secrets: [], plan: { secrets: [], leftOut: [], rotatedSince: 3 } });
    expect(fixture.aws.started).toHaveLength(4);
    const described = fixture.aws.calls.slice(callsBefore).filter((call) => call.startsWith('DescribeSecret'));
    expect(described).toEqual([]);
  });

  it('leaves out what has rotated although ListSecrets shows an old age', async () => {
    const fixture = createFleetFixture(1);
    fixture.clock.advance(7_200_000);
    const listed = await fixture.aws.rotation.listSecrets();
    fixture.aws.rotation.listSecrets = async () => listed;
    await fixture.run(ROTATE_ALL);
    await fixture.clock.sleep(10_000, fixture.interruption.signal);

    const { document } = await fixture.runJson(...ROTATE_ALL, '--older-than', '1h');

    expect(document.plan).toMatchObject({ secrets: [], rotatedSince: 1 });
  });
});

it('a value that a person stored after the plan is rotated', async () => {
  const fixture = createFleetFixture(1);
  const storeByHand = (): 'yes' => {
    fixture.aws.secret('fleet-0').store.storeByHand('by-hand', documentOf(OLD_PASSWORD, { username: 'fleet-0' }));
    return 'yes';
  };

  const { code } = await fixture.run(['rotate', '--all'], { answer: storeByHand });

  expect(code).toBe(0);
  expect(resultOf(fixture)).toEqual({ rotations: 1, current: 1 });
});
