import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../../protocol/secret/rotated-secrets.ts';
import { AWSPENDING } from '../../../../protocol/secret/versions.ts';
import type { Fixture } from '../../support/command-fixture.ts';
import { createFleetFixture, ROTATE_ALL } from '../../support/fleet-fixture.ts';
import { documentOfUser, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from '../../support/rotations.ts';

const BOTH = [...ROTATE_ALL, '--both-users'];

/** A secret with a single user, and pairs: `pair-0` with `pair-0-a`, `pair-0-b`… */
function createPairs(count: number): Fixture {
  const fixture = createFleetFixture(1);
  const names = Array.from({ length: count }, (_, index) => `pair-${index}`);
  for (const name of names) {
    const [first, second] = usersOf(name);
    fixture.cluster.addUser(first, OLD_PASSWORD);
    fixture.cluster.addUser(second, OLD_PASSWORD);
    const turns = [second, first];
    const { store } = fixture.aws.add(name, documentOfUser(first, OLD_PASSWORD), {
      rotate: (rotation) => {
        const user = turns.shift() ?? first;
        turns.push(user);
        successfulRotation(fixture.cluster, documentOfUser(user, NEW_PASSWORD))(rotation);
      },
    });
    store.date = () => fixture.clock.now();
  }
  fixture.aws.environment['SECRET_TARGETS'] = formatPins(
    Object.fromEntries(names.map((name) => [name, { endpoint: ENDPOINT, usernames: usersOf(name) }])),
  );
  return fixture;
}

function usersOf(name: string): readonly [string, string] {
  return [`${name}-a`, `${name}-b`];
}

/** The users whose old password the cluster still accepts. */
function oldUsers({ cluster }: Fixture, names: readonly string[]): readonly string[] {
  return ['fleet-0', ...names.flatMap(usersOf)].filter((user) => cluster.passwordOf(user) === OLD_PASSWORD);
}

describe('rotate --both-users of a fleet', () => {
  it.each([1, 2])('continues after Ctrl-C in rotation %i of 2: leaves out what is done', async (interrupted) => {
    const fixture = createPairs(2);
    const pair = fixture.aws.secret('pair-1');
    const { rotate } = pair;
    let rotations = 0;
    pair.rotate = (rotation) => {
      if (typeof rotate === 'function') {
        rotate(rotation);
      }
      rotation.at(500, () => ++rotations === interrupted && fixture.interruption.abort());
    };
    const { code, document } = await fixture.runJson(...BOTH, '--concurrency', '1');
    expect(code).toBe(130);
    const ofPairs = (name: string): number => fixture.aws.started.filter(({ secret }) => secret === name).length;
    expect([ofPairs('pair-0'), ofPairs('pair-1')]).toEqual([2, interrupted]);

    // The rotation that runs ends in AWS.
    fixture.interruption = new AbortController();
    await fixture.clock.sleep(10_000, fixture.interruption.signal);
    expect((await fixture.run(document.again.split(' ').slice(1))).code).toBe(0);

    expect(oldUsers(fixture, ['pair-0', 'pair-1'])).toEqual([]);
    expect([ofPairs('pair-0'), ofPairs('pair-1')]).toEqual([2, interrupted === 2 ? 2 : 3]);
  });

  it('replaces passwords again that a person or one rotation has replaced since', async () => {
    const fixture = createPairs(2);
    await fixture.run(['rotate', 'pair-0']);
    const { store } = fixture.aws.secret('pair-1');
    for (const versionId of ['by-hand-1', 'by-hand-2']) {
      store.storeByHand(versionId, documentOfUser('pair-1-a', OLD_PASSWORD));
    }

    const { code } = await fixture.run([...BOTH, '--older-than', '1h', '--prefix', 'pair']);

    expect(code).toBe(0);
    expect(oldUsers(fixture, ['pair-0', 'pair-1'])).toEqual(['fleet-0']);
  });

  it('does not leave out a secret with a rotation that has not ended, which may set a password from before', async () => {
    const fixture = createPairs(1);
    const line = [...BOTH, '--prefix', 'pair', '--older-than', '1h'];
    fixture.clock.advance(7_200_000);
    expect((await fixture.run(line)).code).toBe(0);
    expect((await fixture.run(line)).out).toContain('Every selected secret has rotated');
    const { store } = fixture.aws.secret('pair-0');
    store.startRotation('token-1');
    await store.put({ versionId: 'token-1', value: documentOfUser('pair-0-a', OLD_PASSWORD), labels: [AWSPENDING] });

    const { code, document } = await fixture.runJson(...line);

    expect([code, document.secrets[0]?.error.code]).toEqual([5, 'previous-incomplete']);
  });
});
