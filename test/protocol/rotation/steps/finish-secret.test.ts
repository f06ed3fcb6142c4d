import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../../protocol/secret/versions.ts';
import { document, RotationWorld, USER } from '../../../support/rotation-world.ts';

/** A world with a finished rotation `t0` and a rotation `t1` whose testSecret has passed. */
async function afterTestSecret(): Promise<RotationWorld> {
  const world = await new RotationWorld().rotate('t0');
  await world.runBefore('finishSecret');
  world.story.length = 0;
  return world;
}

describe('finishSecret', () => {
  it.each([
    ['accepted', 't0', 'current'],
    ['rejected as well', undefined, 'not known'],
  ] as const)(
    'does not move AWSCURRENT if the pending password is rejected, and the current password is %s',
    async (_, heldByCurrent, accepted) => {
      const world = await afterTestSecret();
      world.cluster.setByHand(
        USER,
        heldByCurrent === undefined ? 'Set-elsewhere-1' : (world.passwordIn(AWSCURRENT) ?? ''),
      );
      await expect(world.step('finishSecret', 't1')).rejects.toMatchObject({
        code: 'PENDING_REJECTED',
        accepted,
        message: expect.stringMatching(`http://127.0.0.1:19530.* ${USER}`),
      });
      expect(world.secret.holder(AWSCURRENT)).toBe('t0');
    },
  );

  it('leaves AWSCURRENT on the version to which a person moved it meanwhile, and keeps every label', async () => {
    for (const movedTo of ['v0', undefined]) {
      const world = await afterTestSecret();
      const promote = async () => {
        if (movedTo === undefined) {
          await world.secret.removeLabel({ label: AWSCURRENT, from: 't0' });
        } else {
          await world.secret.promote({ to: movedTo, from: 't0' });
        }
        return 'moved' as const;
      };
      await expect(world.step('finishSecret', 't1', world.portsWith({ store: { promote } }))).rejects.toMatchObject({
        code: 'CURRENT_MOVED',
        accepted: 'pending',
        message: expect.stringContaining(movedTo ?? 'No version'),
      });
      expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
      expect(world.secret.labelsOf('t0')).toContain(sentLabel('t0'));
    }
  });

  it.each([
    ['an error', new Error('no answer'), 'no answer'],
    ['a text', 'no answer', 'unknown'],
  ])(
    'succeeds although removing an older sent label throws %s, and the next rotation removes the label',
    async (_, thrown, why) => {
      const world = await afterTestSecret();
      const removeLabel = () => Promise.reject(thrown);
      expect(await world.step('finishSecret', 't1', world.portsWith({ store: { removeLabel } }))).toBe('promoted');
      expect(world.story).toContainEqual({ event: 'label-kept', versionId: 't0', why });
      expect(world.secret.labelsOf('t0')).toContain(sentLabel('t0'));

      expect(await world.attempt('t2')).toBe('succeeded');
      expect(world.secret.labelsOf('t0')).toEqual([]);
    },
  );
});

describe('the sent labels of older versions', () => {
  const other = document('Other-password-1', { username: 'other_user' });

  it('are removed if the value is for the same user and host, or is no credential', async () => {
    const world = await afterTestSecret();
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

  it('stay if the value is for another user, whose password may still be accepted', async () => {
    const world = await afterTestSecret();
    await world.secret.put({ versionId: 'other', value: other, labels: [sentLabel('other')] });
    expect(await world.step('finishSecret', 't1')).toBe('promoted');
    expect(world.secret.labelsOf('other')).toEqual([sentLabel('other')]);
    expect(world.story).toContainEqual({ event: 'label-kept', versionId: 'other', why: 'other host or user' });
  });

  it.each(['undecryptable', 'notVisibleYet'] as const)(
    'stay if the version is %s, and the rotation succeeds',
    async (state) => {
      const world = await afterTestSecret();
      await world.secret.put({ versionId: 'other', value: other, labels: [sentLabel('other')] });
      world.secret[state].add('other');
      expect(await world.step('finishSecret', 't1')).toBe('promoted');
      expect(world.secret.labelsOf('other')).toEqual([sentLabel('other')]);
    },
  );
});
