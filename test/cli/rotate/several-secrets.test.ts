import { describe, expect, it } from 'vitest';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { addSecretWithUser, fixture, useOrders } from '../support/orders-fixture.ts';
import { attemptAndFail, documentOf, documentOfUser, ENDPOINT, FORBIDDEN, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('rotate with several secrets', () => {
  it('compares the second user of an alternating pair too', async () => {
    fixture.aws.add('copy', documentOfUser('app_b', NEW_PASSWORD));
    const targets = { orders: { endpoint: ENDPOINT, usernames: ['app', 'app_b'] as const } };
    fixture.aws.environment['SECRET_TARGETS'] = formatPins(targets);

    const { code, document } = await fixture.runJson('rotate', 'orders', 'copy');

    expect(code).toBe(5);
    expect(document.plan.leftOut).toMatchObject([{ code: 'same-user' }, { code: 'same-user' }]);
    expect(fixture.aws.started).toEqual([]);
    expect(fixture.cluster.received).toEqual([]);
  });

  it('rotates secrets of other users and clusters beside one that cannot be read, and reads no other value', async () => {
    addSecretWithUser(fixture, 'search');
    const { arn } = fixture.aws.add('not-named', documentOf(NEW_PASSWORD));
    fixture.aws.add('garbage', '{"username":"app"');

    const { code, out } = await fixture.run(['rotate', 'orders', 'search', 'garbage']);

    expect(code).toBe(5);
    expect(out).toContain('3 secrets: 2 rotated, 1 not started.');
    expect(fixture.aws.calls).not.toContain('ListSecrets');
    expect(fixture.aws.calls).not.toContain(`read ${arn}`);
  });

  it('reads the log at most four times a second', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
    for (const name of names) {
      addSecretWithUser(fixture, name);
      fixture.aws.secret(name).rotate = (rotation) => attemptAndFail(rotation, FORBIDDEN);
    }
    const began = fixture.clock.now();

    const { code } = await fixture.run(['rotate', ...names, '--concurrency', '40']);

    const reads = fixture.aws.calls.filter((call) => call === 'FilterLogEvents').length;
    expect(code).toBe(3);
    expect(reads).toBeGreaterThanOrEqual(names.length);
    expect(reads).toBeLessThanOrEqual(((fixture.clock.now() - began) / 1000) * 4 + 2);
  });
});
