import { describe, expect, it } from 'vitest';
import type { RotationPorts } from '../../../lambda/rotation/ports.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../secret/versions.ts';
import { document, RotationWorld, USER } from '../../support/rotation-world.ts';

/**
 * A world in which testSecret has passed, and one method of the secret behaves as told from then
 * on.
 */
async function tested(): Promise<RotationWorld> {
  const world = new RotationWorld();
  expect(await world.attempt('t0')).toBe('succeeded');
  world.secret.startRotation('t1');
  for (const step of ['createSecret', 'setSecret', 'testSecret'] as const) {
    await world.step(step, 't1');
  }
  world.story.length = 0;
  return world;
}

function withStore(world: RotationWorld, methods: Partial<RotationPorts['store']>): RotationPorts {
  const properties = Object.fromEntries(Object.entries(methods).map(([name, value]) => [name, { value }]));
  return { ...world.ports(), store: Object.create(world.secret, properties) };
}

describe('finishSecret', () => {
  it.each([
    ['accepted', 't0', 'current'],
    ['rejected as well', undefined, 'not known'],
  ] as const)(
    'does not promote a password that was just rejected, and says that the current one is %s',
    async (words, keep, inForce) => {
      const world = await tested();
      world.cluster.setByHand(USER, keep === undefined ? 'Set-elsewhere-1' : (world.passwordIn(AWSCURRENT) ?? ''));
      await expect(world.step('finishSecret', 't1')).rejects.toMatchObject({
        code: 'PENDING_REJECTED',
        inForce,
        message: `PENDING_REJECTED: http://127.0.0.1:19530 rejects the new password of ${USER}; the current one is ${words}.`,
      });
      expect(world.secret.holder(AWSCURRENT)).toBe('t0');
    },
  );

  it('leaves AWSCURRENT where a person has moved it meanwhile, and keeps every label', async () => {
    for (const [elsewhere, named] of [
      ['v0', 'v0'],
      [undefined, 'none'],
    ] as const) {
      const world = await tested();
      const promote = async () => {
        if (elsewhere === undefined) {
          await world.secret.removeLabel({ label: AWSCURRENT, from: 't0' });
        } else {
          await world.secret.promote({ to: elsewhere, from: 't0' });
        }
        return 'moved' as const;
      };
      await expect(world.step('finishSecret', 't1', withStore(world, { promote }))).rejects.toMatchObject({
        code: 'CURRENT_MOVED',
        inForce: 'pending',
        message: `CURRENT_MOVED: AWSCURRENT was moved to version ${named} during this rotation, and is left there.`,
      });
      expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
      expect(world.secret.labelsOf('t0')).toContain(sentLabel('t0'));
    }
  });

  it('asks for the labels only when the promotion did not find its own', async () => {
    const world = await tested();
    let described = 0;
    const describe = () => {
      described += 1;
      return world.secret.describe();
    };
    expect(await world.step('finishSecret', 't1', withStore(world, { describe }))).toBe('promoted');
    expect(described).toBe(1);
  });

  it.each([
    ['an error', new Error('no answer'), 'no answer'],
    ['something else', 'no answer', 'unknown'],
  ])('is done although an older label could not be retired, which the next one does: %s', async (_, thrown, why) => {
    const world = await tested();
    const removeLabel = () => Promise.reject(thrown);
    expect(await world.step('finishSecret', 't1', withStore(world, { removeLabel }))).toBe('promoted');
    expect(world.story).toContainEqual({ event: 'label-kept', versionId: 't0', why });
    expect(world.secret.labelsOf('t0')).toContain(sentLabel('t0'));

    expect(await world.attempt('t2')).toBe('succeeded');
    expect(world.secret.labelsOf('t0')).toEqual([]);
  });
});

describe('the sent labels of older versions', () => {
  const other = document('Other-password-1', { username: 'other_user', token: 'other_user:Other-password-1' });

  it('are retired for the same user and host, and for values that are no credential', async () => {
    const world = await tested();
    for (const [versionId, value] of [
      ['same', document('Older-password-1')],
      ['no-credential', 'nothing'],
    ] as const) {
      await world.secret.put({ versionId, value, labels: [sentLabel(versionId)] });
    }
    expect(await world.step('finishSecret', 't1')).toBe('promoted');
    expect(world.secret.labelsOf('same')).toEqual([]);
    expect(world.secret.labelsOf('no-credential')).toEqual([]);
  });

  it('stay for another user, whose password may still be in force', async () => {
    const world = await tested();
    await world.secret.put({ versionId: 'other', value: other, labels: [sentLabel('other')] });
    expect(await world.step('finishSecret', 't1')).toBe('promoted');
    expect(world.secret.labelsOf('other')).toEqual([sentLabel('other')]);
    expect(world.story).toContainEqual({ event: 'label-kept', versionId: 'other', why: 'other host or user' });
  });

  it('stay on a version that cannot be read, and the rotation succeeds', async () => {
    const world = await tested();
    await world.secret.put({ versionId: 'other', value: other, labels: [sentLabel('other')] });
    world.secret.undecryptable.add('other');
    expect(await world.step('finishSecret', 't1')).toBe('promoted');
    expect(world.secret.labelsOf('other')).toEqual([sentLabel('other')]);
  });
});
