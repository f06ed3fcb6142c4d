import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, MAX_SENT_LABELS, sentLabel, sentLabels } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

/** Starts rotations and removes AWSPENDING after each createSecret until no sent label is free. */
async function useAllSentLabels(world = new RotationWorld()): Promise<RotationWorld> {
  for (let made = 1; made <= MAX_SENT_LABELS; made++) {
    world.secret.startRotation(`t${made}`);
    expect(await world.step('createSecret', `t${made}`)).toBe('created');
    world.secret.removePendingByHand();
  }
  return world;
}

/** Stores a version for another user, with a sent label. */
async function addForeign(world: RotationWorld, versionId: string): Promise<void> {
  const value = document('Elsewhere-1', { username: 'other' });
  await world.secret.put({ versionId, value, labels: [sentLabel(versionId)] });
}

async function versionsWithSentLabel(world: RotationWorld): Promise<readonly string[]> {
  return sentLabels(await world.secret.describe()).map(({ versionId }) => versionId);
}

/** After some complete lists, Secrets Manager omits a version that was stored moments ago. */
function omitFromLists(world: RotationWorld, omitted: string, completeLists = 0): void {
  const list = world.secret.list.bind(world.secret);
  let lists = 0;
  world.secret.list = async () => {
    const listed = await list();
    lists += 1;
    return lists > completeLists ? listed.filter(({ versionId }) => versionId !== omitted) : listed;
  };
}

/** The cluster accepts a stranded password that is older than the version in AWSCURRENT. */
async function worldWithOlderPassword(): Promise<RotationWorld> {
  const world = await new RotationWorld().runBefore('setSecret', 'old');
  world.secret.removePendingByHand();
  await world.rotate('t0');
  await world.secret.addLabel({ label: sentLabel('old'), to: 'old' });
  world.cluster.setByHand(USER, 'Generated-password-1');
  for (let made = 1; made < MAX_SENT_LABELS; made++) {
    await addForeign(world, `x${made}`);
  }
  return world;
}

describe('createSecret, if ten versions have a sent label', () => {
  it('stores the newest of their passwords again, and moves its label to the new version in the same call', async () => {
    const world = await useAllSentLabels();
    world.secret.startRotation('t11');
    const ports = world.ports();
    world.secret.removeLabel = () => Promise.reject(new Error('a label was removed'));
    expect(await world.step('createSecret', 't11', ports)).toBe('carried-on');
    expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-10');
    expect(await versionsWithSentLabel(world)).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9', 't11']);
    expect(world.secret.labelsOf('t11')).toEqual([AWSPENDING, sentLabel('t10')]);
    expect(world.story).toContainEqual({ event: 'label-retired', versionId: 't10' });
  });

  it('moves no label if another invocation has stored another password meanwhile', async () => {
    const world = await useAllSentLabels();
    world.secret.startRotation('t11');
    const put: SecretStore['put'] = async (version) => {
      const labels = [AWSPENDING, sentLabel('t11')];
      await world.secret.put({ ...version, value: document('Stored-by-another-1'), labels });
      return await world.secret.put(version);
    };
    expect(await world.step('createSecret', 't11', world.portsWith({ store: { put } }))).toBe('already-created');
    expect(await versionsWithSentLabel(world)).toContain('t10');
    expect(world.story).not.toContainEqual(expect.objectContaining({ event: 'label-retired' }));
  });

  it('ends the rotation if AWSCURRENT moves to the version with this password meanwhile, and the next one completes', async () => {
    const world = await useAllSentLabels();
    world.cluster.setByHand(USER, 'Generated-password-10');
    world.secret.startRotation('t11');
    const put: SecretStore['put'] = async (version) => {
      await world.secret.promote({ to: 't10', from: 'v0' });
      return await world.secret.put(version);
    };
    expect(await world.step('createSecret', 't11', world.portsWith({ store: { put } }))).toBe('carried-on');
    expect(await world.attempt('t11')).toMatchObject({ code: 'CURRENT_MOVED' });
    await world.rotate('t12');
  });

  it('makes a new password and removes no label if all of them are for another host, and labels are free', async () => {
    const world = await useAllSentLabels();
    world.secret.storeByHand('moved', document('Elsewhere-1', { endpoint: 'http://127.0.0.1:19999' }));
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('created');
    expect(await versionsWithSentLabel(world)).toHaveLength(11);
  });

  it('never stores the password of the current version again, although the label of that version counts', async () => {
    const world = await new RotationWorld().rotate('t0');
    for (let made = 1; made < MAX_SENT_LABELS; made++) {
      await addForeign(world, `x${made}`);
    }
    world.secret.startRotation('t1');
    expect(await world.step('createSecret', 't1')).toBe('created');
    expect(world.passwordIn(AWSPENDING)).toBe(world.generated.at(-1));
  });

  it('never stores the current password again, even if its version has a sent label', async () => {
    const world = await useAllSentLabels();
    world.secret.storeByHand('by-hand', document('Generated-password-10'));
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('carried-on');
    expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-9');
  });

  it('stores the accepted password again, also after a later edit of AWSCURRENT by a person', async () => {
    const world = await useAllSentLabels();
    world.cluster.setByHand(USER, 'Generated-password-10');
    world.secret.storeByHand('edited', document(FIRST_PASSWORD, { note: 'edited' }));
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('carried-on');
    expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-10');
  });

  it.each([
    ['', () => undefined],
    [', also if a list of the versions is late', (world: RotationWorld) => omitFromLists(world, 't0')],
  ])('makes a new password if the accepted one is older than the promoted version%s', async (_, omit) => {
    const world = await worldWithOlderPassword();
    omit(world);
    world.secret.startRotation('t1');
    expect(await world.step('createSecret', 't1')).toBe('created');
  });

  it('makes a new password if the accepted one is newer than all of them, because they are obsolete', async () => {
    const world = await useAllSentLabels();
    world.secret.storeByHand('by-hand', document('Set-by-hand-1'));
    world.cluster.setByHand(USER, 'Set-by-hand-1');
    await world.addOwnersLabels(7);
    world.secret.startRotation('t11');
    expect(await world.step('createSecret', 't11')).toBe('created');
    expect(world.secret.labelsOf('t1')).toEqual([]);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 't1', why: 'obsolete' });
  });

  it('changes nothing while the newest of them cannot be read yet', async () => {
    const world = await useAllSentLabels();
    world.secret.notVisibleYet.add('t10');
    world.secret.startRotation('t11');
    await expect(world.step('createSecret', 't11')).rejects.toMatchObject({
      code: 'SECRETS_MANAGER_UNAVAILABLE',
      message: expect.stringContaining('version t10'),
    });
    expect(await versionsWithSentLabel(world)).toHaveLength(10);
    expect(world.secret.valueOf('t11')).toBeUndefined();
  });

  describe('and a list of the versions is late', () => {
    it.each([
      ['the newest of their passwords again, which may be on its way to the cluster', FIRST_PASSWORD, 0],
      ['the accepted password again', 'Generated-password-10', 1],
    ])('stores %s', async (_, accepted, completeLists) => {
      const world = await useAllSentLabels();
      world.cluster.setByHand(USER, accepted);
      omitFromLists(world, 't10', completeLists);
      world.secret.startRotation('t11');
      expect(await world.step('createSecret', 't11')).toBe('carried-on');
      expect(world.passwordIn(AWSPENDING)).toBe('Generated-password-10');
    });
  });

  it.each([
    ['the cluster accepts every password', 'AUTHORIZATION_OFF', { authorization: false }],
    ['the cluster gives no answer', 'CLUSTER_UNREACHABLE', { reachable: false }],
  ] as const)('changes nothing if %s, because no login proves which labels are obsolete', async (_, code, state) => {
    const world = await useAllSentLabels();
    Object.assign(world.cluster, state);
    world.secret.startRotation('t11');
    await expect(world.step('createSecret', 't11')).rejects.toMatchObject({ code });
    expect(await versionsWithSentLabel(world)).toHaveLength(10);
    expect(world.secret.valueOf('t11')).toBeUndefined();
  });

  it('releases a reused password that the cluster refuses, with its label', async () => {
    const world = await useAllSentLabels();
    world.cluster.refuses = (password) => password === 'Generated-password-10';
    expect(await world.attempt('t11')).toMatchObject({ code: 'PASSWORD_REFUSED' });
    expect(world.secret.labelsOf('t11')).toEqual([]);
    expect(await versionsWithSentLabel(world)).toHaveLength(9);
    expect(await world.attempt('t12')).toBe('succeeded');
  });
});

describe('createSecret, if Secrets Manager has no room for another label', () => {
  it('removes the label of the current version, then those for other users, oldest first', async () => {
    const world = await new RotationWorld().rotate('t0');
    await addForeign(world, 'old');
    await addForeign(world, 'new');
    await world.addOwnersLabels(14);

    world.secret.startRotation('t1');
    expect(await world.step('createSecret', 't1')).toBe('created');
    expect(await versionsWithSentLabel(world)).toEqual(['old', 'new', 't1']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 't0', why: 'current' });
    expect(await world.attempt('t1')).toBe('succeeded');

    await world.secret.removeLabel({ label: sentLabel('t1'), from: 't1' });
    await world.secret.addLabel({ label: 'owner-15', to: 't1' });
    world.secret.startRotation('t2');
    expect(await world.step('createSecret', 't2')).toBe('created');
    expect(await versionsWithSentLabel(world)).toEqual(['new', 't2']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'old', why: 'other host or user' });
  });

  it('removes the label of the oldest version first, in whichever order Secrets Manager lists the versions', async () => {
    const world = new RotationWorld();
    await addForeign(world, 'old');
    await addForeign(world, 'new');
    await world.addOwnersLabels(15);
    world.secret.startRotation('t1');
    const { versions, ...description } = await world.secret.describe();
    world.secret.describe = () => Promise.resolve({ ...description, versions: versions.toReversed() });
    expect(await world.step('createSecret', 't1')).toBe('created');
    expect(world.secret.labelsOf('old')).toEqual([]);
    expect(world.secret.labelsOf('new')).toEqual([sentLabel('new')]);
  });

  it('removes the label of a version without a credential before that of a version that AWS denies', async () => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 'denied', value: document('Denied-1'), labels: [sentLabel('denied')] });
    await world.secret.put({ versionId: 'text', value: 'no credential', labels: [sentLabel('text')] });
    world.secret.undecryptable.add('denied');
    await world.addOwnersLabels(15);

    world.secret.startRotation('t1');
    expect(await world.step('createSecret', 't1')).toBe('created');
    expect(await versionsWithSentLabel(world)).toEqual(['denied', 't1']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'text', why: 'not a credential' });
    expect(await world.attempt('t1')).toBe('succeeded');

    await world.secret.removeLabel({ label: sentLabel('t1'), from: 't1' });
    await world.secret.addLabel({ label: 'owner-16', to: 't1' });
    expect(await world.attempt('t2')).toBe('succeeded');
    expect(await versionsWithSentLabel(world)).toEqual(['t2']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'denied', why: 'denied' });
  });

  it('stores the accepted password again if its label is the only one, also after two edits of AWSCURRENT', async () => {
    const world = await new RotationWorld().runBefore('testSecret');
    await world.addOwnersLabels(16);
    for (const note of [1, 2]) {
      world.secret.storeByHand(`edit-${note}`, document(FIRST_PASSWORD, { note }));
    }
    await world.rotate('t2');
    expect(world.passwordIn(AWSCURRENT)).toBe('Generated-password-1');
  });

  it('stores a sent password again although it is in AWSPREVIOUS, because a person had moved AWSCURRENT to it', async () => {
    const world = await new RotationWorld().rotate('t1');
    await world.runBefore('setSecret', 't2');
    const sent = world.passwordIn(AWSPENDING);
    await world.secret.promote({ to: 't2', from: 't1' });
    world.secret.storeByHand('edit', document('Typed-wrong-1'));
    await world.addOwnersLabels(15);
    await world.rotate('t3');
    expect(world.passwordIn(AWSCURRENT)).toBe(sent);
  });

  it('removes labels that a killed finishSecret left for the user in AWSCURRENT, if two users take turns', async () => {
    const world = new RotationWorld();
    await world.alternateUsers();
    await world.secret.put({ versionId: 'old', value: document('Older-password-1'), labels: ['owner'] });
    await world.rotate('t1', 't2');
    await world.secret.addLabel({ label: sentLabel('old'), to: 'old' });
    await world.secret.addLabel({ label: sentLabel('v0'), to: 'v0' });
    world.secret.storeByHand('edit', document(world.passwordIn(AWSCURRENT) ?? '', { note: 1 }));
    await world.addOwnersLabels(12);
    await world.rotate('t3');
    expect(await versionsWithSentLabel(world)).not.toContain('v0');
  });

  it('removes labels that the accepted password of the other user makes obsolete, although even AWS lacks room', async () => {
    const world = new RotationWorld();
    await world.alternateUsers();
    await world.runBefore('finishSecret');
    world.secret.removePendingByHand();
    await world.addOwnersLabels(15);
    await world.rotate('t2');
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'v-second', why: 'obsolete' });
  });

  it('fails with LABELS_FULL before anything changes if only labels of the owner are left', async () => {
    const world = new RotationWorld();
    await world.addOwnersLabels(17);
    const refusal = await world.attempt('t1');
    expect(refusal).toMatchObject({
      code: 'LABELS_FULL',
      retryable: false,
      step: 'createSecret',
    });
    expect(world.secret.valueOf('t1')).toBeUndefined();
  });

  it('fails with LABELS_FULL if a reused password leaves no room for AWSPREVIOUS', async () => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 't0', value: document('Sent-1'), labels: [sentLabel('t0')] });
    await world.addOwnersLabels(17);
    expect(await world.attempt('t1')).toMatchObject({ code: 'LABELS_FULL' });
    await world.secret.removeLabel({ label: 'owner-1', from: 'v0' });
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(world.passwordIn(AWSCURRENT)).toBe('Sent-1');
  });
});

it('createSecret removes no label for a pending version that a person stored', async () => {
  const world = new RotationWorld();
  await world.addOwnersLabels(16);
  await world.secret.addLabel({ label: sentLabel('v0'), to: 'v0' });
  await world.secret.put({ versionId: 't1', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
  expect(await world.step('createSecret', 't1')).toBe('already-created');
  expect(await versionsWithSentLabel(world)).toEqual(['v0']);
});

describe('setSecret, if Secrets Manager has no room for another label', () => {
  /** A rotation that is about to change a restored password, whose version has no label. */
  async function restored(owner: number): Promise<RotationWorld> {
    const world = await new RotationWorld().rotate('r1', 'r2', 'r3');
    await world.addOwnersLabels(owner);
    world.cluster.setByHand(USER, 'Generated-password-1');
    await world.runBefore('setSecret');
    return world;
  }

  it('moves a sent label from the current version to the accepted version', async () => {
    const world = await restored(15);
    expect(await versionsWithSentLabel(world)).toEqual(['r3', 't1']);
    expect(await world.step('setSecret', 't1')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['r1', 't1']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'r3', why: 'current' });
  });

  it('reports that the accepted version has no sent label, and continues, if no label can be removed', async () => {
    const world = await restored(16);
    expect(await world.step('setSecret', 't1')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['t1']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'r1', why: 'may be accepted' });
    expect(await world.attempt('t1')).toBe('succeeded');
  });

  it('removes no label of a version that AWS denies, because the cluster may accept it', async () => {
    const world = await restored(15);
    await world.secret.removeLabel({ label: sentLabel('r3'), from: 'r3' });
    await world.secret.put({ versionId: 'denied', value: document('Denied-1'), labels: [sentLabel('denied')] });
    world.secret.undecryptable.add('denied');
    expect(await world.step('setSecret', 't1')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['t1', 'denied']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'r1', why: 'may be accepted' });
  });

  it('removes the label of a denied version last, for a pending password that a person stored', async () => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 'denied', value: document('Denied-1'), labels: [sentLabel('denied')] });
    await world.secret.put({ versionId: 'text', value: 'no credential', labels: [sentLabel('text')] });
    world.secret.undecryptable.add('denied');
    await world.addOwnersLabels(15);
    await world.secret.put({ versionId: 't1', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
    expect(await world.step('setSecret', 't1')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['denied', 't1']);
  });

  it('removes only as many labels as it adds', async () => {
    const world = await new RotationWorld().rotate('t1');
    await world.secret.removeLabel({ label: sentLabel('t1'), from: 't1' });
    await addForeign(world, 'old');
    await addForeign(world, 'new');
    await world.addOwnersLabels(14);
    world.cluster.setByHand(USER, FIRST_PASSWORD);
    world.secret.removePendingByHand();
    await world.secret.put({ versionId: 't2', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
    expect(await world.step('setSecret', 't2')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['v0', 'new', 't2']);
  });

  it('fails with LABELS_FULL before it sends a pending password that a person stored', async () => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 't1', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
    await world.addOwnersLabels(17);
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'LABELS_FULL' });
    expect(world.applicationsLogIn).toBe(true);
    await world.secret.removeLabel({ label: 'owner-1', from: 'v0' });
    expect(await world.step('setSecret', 't1')).toBe('changed');
  });

  it('gives the only room to the pending version, whose password it is about to send', async () => {
    const world = new RotationWorld();
    world.secret.storeByHand('v1', document('Wrong-by-hand-1'));
    await world.secret.put({ versionId: 't1', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
    await world.addOwnersLabels(16);
    expect(await world.step('setSecret', 't1')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['t1']);
    expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'v0', why: 'may be accepted' });
  });

  it('keeps the label of the pending version, although the accepted version was stored later', async () => {
    const world = await new RotationWorld().runBefore('setSecret');
    await world.secret.put({ versionId: 'x', value: document('Set-by-hand-1'), labels: ['owner'] });
    world.cluster.setByHand(USER, 'Set-by-hand-1');
    await world.addOwnersLabels(15);
    expect(await world.step('setSecret', 't1')).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['t1']);
  });

  it('counts the labels again after a long search', async () => {
    const world = await restored(15);
    const list: SecretStore['list'] = async () => {
      await world.secret.removeLabel({ label: 'owner-1', from: 'r3' });
      return await world.secret.list();
    };
    expect(await world.step('setSecret', 't1', world.portsWith({ store: { list } }))).toBe('changed');
    expect(await versionsWithSentLabel(world)).toEqual(['r1', 'r3', 't1']);
  });
});

it('setSecret adds no label to an accepted version whose label has moved to a version with the same password', async () => {
  const world = await useAllSentLabels();
  world.secret.startRotation('t11');
  expect(await world.step('createSecret', 't11')).toBe('carried-on');
  world.secret.removePendingByHand();
  world.cluster.setByHand(USER, 'Generated-password-10');
  await world.secret.addLabel({ label: 'AWSPREVIOUS', to: 't10' });
  await world.secret.put({ versionId: 't12', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
  expect(await world.step('setSecret', 't12')).toBe('changed');
  expect(world.secret.labelsOf('t10')).toEqual(['AWSPREVIOUS']);
  expect(world.secret.labelsOf('t11')).toEqual([sentLabel('t10')]);
});
