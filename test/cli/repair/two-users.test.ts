import { describe, expect, it } from 'vitest';
import { AWSCURRENT, sentLabel } from '../../../protocol/secret/versions.ts';
import { SECOND_USER } from '../../support/rotation-world.ts';
import { documentOfSecondUser, fixture, SECRET, secret, useAlternatingUsers } from '../support/alternating-fixture.ts';

useAlternatingUsers();

describe('repair of two users that take turns', () => {
  it('finds nothing to do after a rotation, although AWSPREVIOUS is for another user', async () => {
    await fixture.run(['rotate', SECRET]);

    expect((await fixture.run(['repair', SECRET, '--yes'])).out).toContain('in order');
  });

  it.each([
    ['the two users', []],
    ['only one user', ['GetFunctionConfiguration']],
  ])('removes AWSPENDING of the other user and keeps its version findable if it knows %s', async (_, failing) => {
    for (const action of failing) {
      fixture.aws.failing.set(action, 'access-denied');
    }
    secret.store.startRotation('cancelled');
    secret.store.rotationEnabled = false;
    await secret.store.put({
      versionId: 'cancelled',
      value: documentOfSecondUser('Sent-before-the-end-1'),
      labels: ['AWSPENDING'],
    });
    fixture.cluster.setByHand(SECOND_USER, 'Sent-before-the-end-1');

    expect((await fixture.run(['repair', SECRET, '--yes'])).code).toBe(0);

    expect(secret.store.holder(AWSCURRENT)).toBe('v0');
    expect(secret.store.labelsOf('cancelled')).toEqual([sentLabel('cancelled')]);
    expect(secret.store.labelsOf('v-second')).toEqual([sentLabel('v-second')]);
    secret.store.rotationEnabled = true;
    fixture.aws.failing.clear();
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
  });
});
