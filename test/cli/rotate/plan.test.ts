import { describe, expect, it } from 'vitest';
import { formatPins, type Pins } from '../../../protocol/secret/rotated-secrets.ts';
import type { Fixture } from '../support/command-fixture.ts';
import type { FakeAws, FakeSecret } from '../support/fake-aws.ts';
import { addSecretWithUser, createFleetFixture, ROTATE_ALL } from '../support/orders-fixture.ts';
import { addOwnLabels } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

function pin(aws: FakeAws, pins: Pins): void {
  aws.environment['SECRET_TARGETS'] = formatPins({ 'fleet-0': pins });
}

function codesByName(leftOut: readonly { readonly secretId: string; readonly code: string }[]): unknown {
  return Object.fromEntries(leftOut.map(({ secretId, code }) => [/fleet-\d+/.exec(secretId)?.[0] ?? secretId, code]));
}

describe('the plan of a bulk rotation', () => {
  it('leaves out named secrets that are marked for deletion or do not exist', async () => {
    const fixture = createFleetFixture(1);
    addSecretWithUser(fixture, 'deleted', { deletedAt: 1 });

    const { document } = await fixture.runJson('rotate', 'fleet-0', 'deleted', 'nobody');

    expect(document.plan.secrets).toEqual([{ arn: fixture.aws.secret('fleet-0').arn, users: [] }]);
    expect(document.plan.leftOut).toEqual([
      expect.objectContaining({ secretId: 'deleted', code: 'marked-for-deletion' }),
      expect.objectContaining({ secretId: 'nobody', code: 'not-found' }),
    ]);
  });

  it('refuses two secrets of one user, and a value that is no credential, without a start', async () => {
    const fixture = createFleetFixture(4);
    fixture.aws.secret('fleet-2').store.storeByHand('copy', documentOf(OLD_PASSWORD, { username: 'fleet-1' }));
    fixture.aws.secret('fleet-3').store.storeByHand('garbage', '{"username":"app"');

    const { code, document } = await fixture.runJson('rotate', '--all');

    expect(code).toBe(5);
    expect(codesByName(document.plan.leftOut)).toEqual({
      'fleet-1': 'same-user',
      'fleet-2': 'same-user',
      'fleet-3': 'unusable-secret',
    });
    expect(document.plan.secrets.map(({ arn }: { arn: string }) => arn)).toEqual([fixture.aws.secret('fleet-0').arn]);
    // The run leaves out what the plan left out.
    const run = await fixture.runJson(...ROTATE_ALL);
    expect(run.document.plan).toEqual(document.plan);
    expect(fixture.aws.started).toHaveLength(1);
  });

  it('compares the second user of two that take turns too', async () => {
    const fixture = createFleetFixture(2);
    pin(fixture.aws, { endpoint: ENDPOINT, usernames: ['fleet-0', 'fleet-1'] });

    const { code, document } = await fixture.runJson('rotate', 'fleet-0', 'fleet-1');

    expect([code, codesByName(document.plan.leftOut)]).toEqual([5, { 'fleet-0': 'same-user', 'fleet-1': 'same-user' }]);
    expect(fixture.aws.started).toEqual([]);
    expect(fixture.cluster.received).toEqual([]);
  });

  it('reads no value of a secret that nobody named', async () => {
    const fixture = createFleetFixture(3);
    fixture.aws.secret('fleet-1').store.storeByHand('garbage', '{"username":"app"');

    const { code, out } = await fixture.run(['rotate', 'fleet-0', 'fleet-1']);

    expect(code).toBe(5);
    expect(out).toContain('2 secrets: 1 rotated, 1 not started.');
    expect(fixture.aws.calls).not.toContain('ListSecrets');
    expect(fixture.aws.calls).not.toContain(`read ${fixture.aws.secret('fleet-2').arn}`);
  });

  it.each<[code: string, state: (fixture: Fixture, secret: FakeSecret) => unknown]>([
    [
      'stale-copies',
      (_, { store }) => store.storeByHand('v2', documentOf(OLD_PASSWORD, { dsn: `pw=${OLD_PASSWORD}` })),
    ],
    ['labels-full', async (_, secret) => await addOwnLabels(secret, 17)],
    ['user-not-pinned', ({ aws }) => pin(aws, { endpoint: ENDPOINT, username: 'other' })],
    [
      'endpoint-not-pinned',
      ({ aws }) => pin(aws, { endpoint: 'https://in01-x.aws-us-west-2.vectordb.zillizcloud.com' }),
    ],
  ])('leaves out a secret that every rotation refuses: %s', async (code, state) => {
    const fixture = createFleetFixture(1);
    await state(fixture, fixture.aws.secret('fleet-0'));

    const run = await fixture.runJson(...ROTATE_ALL);

    expect([run.code, codesByName(run.document.plan.leftOut)]).toEqual([5, { 'fleet-0': code }]);
    expect(fixture.aws.started).toEqual([]);
  });

  it.each([
    ['in a pipe', ['rotate', '--all'], {}, '--yes'],
    ['with --json', ['rotate', '--all', '--json'], { answer: 'yes' as const }, '--yes'],
    ['after a no', ['rotate', '--all'], { answer: 'no' as const }, 'declined'],
    ['without a secret', ['rotate', '--all', '--yes', '--prefix', 'off'], {}, 'nothing'],
  ])('changes nothing %s', async (_, args, terminal, message) => {
    const fixture = createFleetFixture(2);
    addSecretWithUser(fixture, 'off').store.rotationEnabled = false;

    const { code, out } = await fixture.run(args, terminal);

    expect(code).toBe(5);
    expect(out).toContain(message);
    expect(fixture.aws.started).toEqual([]);
  });
});
