import { describe, expect, it } from 'vitest';
import { AWSPENDING, SENT_LABELS_AT_MOST, sentLabel } from '../../../secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

/** Starts rotations and removes AWSPENDING after each createSecret until no sent label is free. */
async function useAllSentLabels(world = new RotationWorld()): Promise<RotationWorld> {
  for (let made = 1; made <= SENT_LABELS_AT_MOST; made++) {
    world.secret.startRotation(`t${made}`);
    expect(await world.step('createSecret', `t${made}`)).toBe('created');
    world.secret.removePendingByHand();
  }
  return world;
}

async function versionsWithSentLabel(world: RotationWorld): Promise<readonly string[]> {
  const { versions } = await world.secret.describe();
  return versions
    .filter(({ versionId, labels }) => labels.includes(sentLabel(versionId)))
    .map(({ versionId }) => versionId);
}

describe('createSecret, if no sent label is free', () => {
  it('stores the newest password with a sent label again, and moves the label to the new version', async () => {
    const world = await useAllSentLabels();
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('carried-on');
    expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-10');
    expect(world.generated).toHaveLength(10);
    expect(await versionsWithSentLabel(world)).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't11']);
    expect(world.story).toContainEqual({ event: 'label-retired', versionId: 't10' });
  });

  it('removes the label of every version with the reused password, even if an earlier attempt crashed before that', async () => {
    const world = await useAllSentLabels();
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
    expect(await versionsWithSentLabel(world)).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't12']);
  });

  it('removes no label if another invocation has stored another password meanwhile', async () => {
    const world = await useAllSentLabels();
    world.secret.startRotation('t11');
    const ports = world.ports();
    const put: typeof ports.store.put = async (version) => {
      await world.secret.put({ ...version, value: document('Stored-by-another-1') });
      return await world.secret.put(version);
    };
    const overtaken = { ...ports, store: Object.create(world.secret, { put: { value: put } }) };
    expect(await world.step('createSecret', 't11', overtaken)).toBe('already-created');
    expect(await versionsWithSentLabel(world)).toContain('t10');
  });

  it('removes the oldest label if no password with a label is for the current host and user', async () => {
    const world = await useAllSentLabels();
    world.secret.storeByHand('moved', document('Elsewhere-1', { endpoint: 'http://127.0.0.1:19999' }));
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('created');
    expect(await versionsWithSentLabel(world)).toEqual(['t2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't10', 't11']);
  });

  it('never stores the password of the current version again, although the label of that version counts', async () => {
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

it('a secret with eight labels of its owner keeps seven sent labels, and every rotation starts', async () => {
  const world = new RotationWorld();
  for (let label = 1; label <= 8; label++) {
    await world.secret.addLabel({ label: `owner-${label}`, to: 'v0' });
  }
  for (let made = 1; made <= 20; made++) {
    world.secret.startRotation(`t${made}`);
    expect(await world.step('createSecret', `t${made}`)).toBe(made <= 7 ? 'created' : 'carried-on');
    world.secret.removePendingByHand();
  }
  expect(await versionsWithSentLabel(world)).toHaveLength(7);
  expect(await world.attempt('last')).toBe('succeeded');
});

it('a version that cannot be decrypted does not stop a rotation while the labels are full', async () => {
  const world = await useAllSentLabels();
  world.secret.undecryptable.add('t10').add('t3');
  expect(await world.attempt('t11')).toBe('succeeded');
  expect(world.applicationsLogIn).toBe(true);
});

it('the labels of the owner leave room for a restored version that is in force', async () => {
  const world = new RotationWorld();
  for (const token of ['r1', 'r2', 'r3']) {
    expect(await world.attempt(token)).toBe('succeeded');
  }
  for (let label = 1; label <= 8; label++) {
    await world.secret.addLabel({ label: `owner-${label}`, to: 'r3' });
  }
  world.cluster.setByHand(USER, FIRST_PASSWORD);
  for (let made = 1; made <= 9; made++) {
    world.secret.startRotation(`t${made}`);
    await world.step('createSecret', `t${made}`);
    world.secret.removePendingByHand();
  }
  world.secret.startRotation('labels-r0');
  await world.step('createSecret', 'labels-r0');
  const ports = world.ports();
  const changePassword = () => Promise.resolve({ kind: 'lost', answer: 'cut' } as const);
  const cluster = Object.create(world.cluster, { changePassword: { value: changePassword } });
  await expect(world.step('setSecret', 'labels-r0', { ...ports, cluster })).rejects.toMatchObject({
    code: 'CHANGE_UNSETTLED',
  });
  world.secret.removePendingByHand();
  expect(await world.attempt('last')).toBe('succeeded');
  expect(world.applicationsLogIn).toBe(true);
});
