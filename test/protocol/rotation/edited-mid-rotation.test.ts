import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld } from '../../support/rotation-world.ts';

/**
 * A person edits AWSCURRENT after createSecret has read it and before PutSecretValue. The edit
 * removes AWSPENDING, and PutSecretValue adds it again.
 */
async function editDuringCreateSecret(value: string): Promise<RotationWorld> {
  const world = new RotationWorld();
  world.secret.startRotation('t1');
  const put: SecretStore['put'] = async (version) => {
    world.secret.storeByHand('by-hand', value);
    return await world.secret.put(version);
  };
  await world.step('createSecret', 't1', world.portsWith({ store: { put } }));
  expect(world.secret.holder(AWSPENDING)).toBe('t1');
  return world;
}

describe('an edit of AWSCURRENT during createSecret', () => {
  it.each([
    ['another key', document(FIRST_PASSWORD, { note: 'edited' })],
    ['another host', document(FIRST_PASSWORD, { endpoint: 'http://127.0.0.1:19999' })],
    ['another user', document(FIRST_PASSWORD, { username: 'other' })],
  ])('makes every step remove AWSPENDING before it sends a password: %s', async (_, value) => {
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      const world = await editDuringCreateSecret(value);
      await expect(world.step(step, 't1')).rejects.toMatchObject({
        code: 'CURRENT_MOVED',
        retryable: false,
        message: expect.stringContaining('version by-hand'),
      });
      expect(world.secret.labelsOf('t1')).toEqual([sentLabel('t1')]);
      expect(world.secret.holder(AWSCURRENT)).toBe('by-hand');
      expect(world.cluster.received).toEqual([]);
    }
  });
});

it('finishSecret removes AWSPENDING from a version that a person stored with another key', async () => {
  const world = new RotationWorld();
  await world.secret.put({ versionId: 't1', value: document('Stored-by-hand-1', { note: 1 }), labels: [AWSPENDING] });
  await expect(world.step('finishSecret', 't1')).rejects.toMatchObject({ code: 'CURRENT_MOVED' });
  expect(world.secret.labelsOf('t1')).toEqual([]);
});
