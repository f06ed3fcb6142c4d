import { describe, expect, it } from 'vitest';
import { formatSecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import { addSecretWithUser, fixture, useOrders } from '../support/orders-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('rotate with several secrets', () => {
  it('compares the second user of an alternating pair too', async () => {
    fixture.aws.add('copy', documentOfUser('app_b', NEW_PASSWORD));
    const targets = { orders: { endpoint: ENDPOINT, usernames: ['app', 'app_b'] as const } };
    fixture.aws.environment['SECRET_TARGETS'] = formatSecretTargets(targets);

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
});
