import { describe, expect, it } from 'vitest';
import { AWSPENDING, SENT_LABELS_AT_MOST, sentLabel } from '../../../secret/versions.ts';
import { document, RotationWorld } from '../../support/rotation-world.ts';

/** Rotations that were all un-stuck after createSecret, until no more of our labels fit. */
async function fullOfLabels(world = new RotationWorld()): Promise<RotationWorld> {
  for (let made = 1; made <= SENT_LABELS_AT_MOST; made++) {
    world.secret.startRotation(`t${made}`);
    expect(await world.step('createSecret', `t${made}`)).toBe('created');
    world.secret.removePendingByHand();
  }
  return world;
}

async function labelled(world: RotationWorld): Promise<readonly string[]> {
  const { versions } = await world.secret.describe();
  return versions.filter(({ versionId, labels }) => labels.includes(sentLabel(versionId))).map((one) => one.versionId);
}

describe('when too many versions hold passwords that were perhaps sent', () => {
  it('the newest of these passwords is carried on and its label moves to the new version', async () => {
    const world = await fullOfLabels();
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('carried-on');
    expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-10');
    expect(world.generated).toHaveLength(10);
    expect(await labelled(world)).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't11']);
    expect(world.story).toContainEqual({ event: 'label-retired', versionId: 't10' });
  });

  it('every version of the password that is carried on loses its label, should an earlier retirement have failed', async () => {
    const world = await fullOfLabels();
    world.secret.startRotation('t11');
    const ports = world.ports();
    const put: typeof ports.store.put = async (version) => {
      await world.secret.put(version);
      throw new Error('the process dies');
    };
    const dying = { ...ports, store: Object.create(world.secret, { put: { value: put } }) };
    await expect(world.step('createSecret', 't11', dying)).rejects.toMatchObject({ code: 'UNEXPECTED' });
    world.secret.removePendingByHand();

    world.secret.startRotation('t12');
    expect(await world.step('createSecret', 't12')).toBe('carried-on');
    expect(await labelled(world)).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't12']);
  });

  it('no label is retired when another invocation has stored another password meanwhile', async () => {
    const world = await fullOfLabels();
    world.secret.startRotation('t11');
    const ports = world.ports();
    const put: typeof ports.store.put = async (version) => {
      await world.secret.put({ ...version, value: document('Stored-by-another-1') });
      return await world.secret.put(version);
    };
    const beaten = { ...ports, store: Object.create(world.secret, { put: { value: put } }) };
    expect(await world.step('createSecret', 't11', beaten)).toBe('already-created');
    expect(await labelled(world)).toContain('t10');
  });

  it('the oldest label is given up when none of the passwords is for the present host and user', async () => {
    const world = await fullOfLabels();
    world.secret.storeByHand('moved', document('Elsewhere-1', { endpoint: 'http://127.0.0.1:19999' }));
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('created');
    expect(await labelled(world)).toEqual(['t2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't10', 't11']);
  });

  it('the password of the current version is never carried on, though its label counts', async () => {
    const world = new RotationWorld();
    expect(await world.attempt('t0')).toBe('succeeded');
    const elsewhere = document('Elsewhere-1', { username: 'other', token: 'other:Elsewhere-1' });
    for (let made = 1; made < SENT_LABELS_AT_MOST; made++) {
      await world.secret.put({ versionId: `x${made}`, value: elsewhere, labels: [sentLabel(`x${made}`)] });
    }
    world.secret.startRotation('t1');
    expect(await world.step('createSecret', 't1')).toBe('created');
    expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-3');
  });
});

it('the labels of the owner leave less room for sent labels, and every rotation still starts', async () => {
  const world = new RotationWorld();
  for (let label = 1; label <= 8; label++) {
    await world.secret.addLabel({ label: `owner-${label}`, to: 'v0' });
  }
  for (let made = 1; made <= 20; made++) {
    world.secret.startRotation(`t${made}`);
    expect(await world.step('createSecret', `t${made}`)).toBe(made <= 8 ? 'created' : 'carried-on');
    world.secret.removePendingByHand();
  }
  expect(await labelled(world)).toHaveLength(8);
  expect(await world.attempt('last')).toBe('succeeded');
});
