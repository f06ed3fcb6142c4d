import { describe, expect, it } from 'vitest';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { Fixture } from './support/command-fixture.ts';
import { interruptAt } from './support/interrupted-calls.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from './support/rotations.ts';

const COMMANDS = [
  ['status', 'orders'],
  ['status', '--all'],
  ['repair', 'orders'],
  ['rotate', 'orders'],
  ['rotate', '--both-users', 'orders'],
  ['init', 'orders', '--endpoint', ENDPOINT, '--username', 'app', '--yes'],
  ['doctor', 'orders'],
  ['history', 'orders'],
  ['report', '--output', 'evidence.html'],
];

function prepare(args: readonly string[]): Fixture {
  const fixture = new Fixture();
  fixture.cluster.addUser('app', OLD_PASSWORD);
  fixture.cluster.addUser('app_b', OLD_PASSWORD);
  fixture.aws.add('orders', documentOf(OLD_PASSWORD));
  fixture.aws.environment['ROTATED_SECRETS'] = 'orders-??????';
  if (args.includes('--both-users')) {
    fixture.aws.environment['SECRET_TARGETS'] = JSON.stringify({ orders: { usernames: ['app', 'app_b'] } });
  }
  return fixture;
}

/** Presses Ctrl-C at a call. @returns the exit code and the number of calls */
async function interrupt(args: readonly string[], index: number, callFails: boolean) {
  const fixture = prepare(args);
  let count = 0;
  interruptAt(fixture, callFails ? index : Number.NaN, 'fails before', () => {
    if (count++ === index) {
      fixture.interruption.abort();
    }
  });
  const { code } = await fixture.run(args);
  return { code, count, fixture };
}

describe.each(COMMANDS.map((args) => [args] as const))('%j', (args) => {
  it.each([
    ['fails', true],
    ['is answered', false],
  ])('exits with 130 and changes nothing after Ctrl-C at a call that %s', async (_, callFails) => {
    for (let index = 0; ; index++) {
      const { code, count, fixture } = await interrupt(args, index, callFails);
      if (index >= count) {
        expect(index).toBeGreaterThan(1);
        return;
      }
      expect({ index, code, files: fixture.files.size }).toEqual({ index, code: 130, files: 0 });
      expect(fixture.aws.secret('orders').store.holder(AWSCURRENT)).toBe('orders-v1');
    }
  });
});
