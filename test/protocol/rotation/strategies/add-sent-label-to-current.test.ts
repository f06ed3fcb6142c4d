import { beforeEach, expect, it } from 'vitest';
import { sentLabel } from '../../../../protocol/secret/versions.ts';
import { document, RotationWorld, SECOND_USER, USER } from '../../../support/rotation-world.ts';

let world: RotationWorld;

/** Runs the first rotation up to setSecret. The owner has put `labels` labels on the secret. */
async function setSecretWith(labels: number): Promise<void> {
  await world.addOwnersLabels(labels);
  await world.runBefore('setSecret');
  world.story.length = 0;
  expect(await world.step('setSecret', 't1')).toBe('changed');
}

/** Stores another password of the user in AWSCURRENT, with a sent label. */
async function storeAnotherPassword(): Promise<void> {
  await world.secret.put({ versionId: 'another', value: document('Another-1'), labels: [sentLabel('another')] });
}

/** A person changes the password of the user in AWSCURRENT, and stores it. */
function editCurrent(): void {
  world.cluster.setByHand(USER, 'By-hand-1');
  world.secret.storeByHand('edit', document('By-hand-1'));
}

const logsInAsCurrentUser = (): boolean => world.cluster.received.some(({ username }) => username === USER);
const labelEvents = (): unknown[] => world.story.filter(({ event }) => event.startsWith('label'));

beforeEach(async () => {
  world = new RotationWorld();
  await world.alternateUsers();
});

it.each([0, 13])('the version in AWSCURRENT gets a sent label, with %i labels of the owner', async (owner) => {
  await setSecretWith(owner);
  expect(world.secret.labelsOf('v0')).toContain(sentLabel('v0'));
  expect(labelEvents()).toEqual([]);
});

it('it gets none if only one label is free, which the accepted version of the other user may need', async () => {
  await setSecretWith(14);
  expect(world.secret.labelsOf('v0')).not.toContain(sentLabel('v0'));
  expect(labelEvents()).toEqual([{ event: 'labels-full', versionId: 'v0', why: 'user in AWSCURRENT' }]);
});

it('if there is little room, it takes the room of an older password of its user, after a login', async () => {
  await storeAnotherPassword();
  editCurrent();
  await setSecretWith(13);
  expect(world.secret.labelsOf('another')).toEqual([]);
  expect(world.secret.labelsOf('edit')).toContain(sentLabel('edit'));
  expect(world.secret.labelsOf('v-second')).toEqual([sentLabel('v-second')]);
  expect(logsInAsCurrentUser()).toBe(true);
  expect(labelEvents()).toEqual([{ event: 'labels-full', versionId: 'another', why: 'obsolete' }]);
});

it.each([
  ['while there is room', 12, () => editCurrent()],
  ['if the cluster rejects the credential in AWSCURRENT', 13, () => world.cluster.setByHand(USER, 'Another-1')],
  ['if it was stored after the accepted one, because it may be on its way to the cluster', 13, () => undefined],
])('another password of its user keeps its label %s', async (_, owner, change) => {
  await storeAnotherPassword();
  change();
  await setSecretWith(owner);
  expect(world.secret.labelsOf('another')).toEqual([sentLabel('another')]);
});

it('nothing makes room if the cluster accepts every password, because the login proves none obsolete', async () => {
  world.secret.storeByHand('edit', document('Typed-wrong-1'));
  await world.secret.addLabel({ label: sentLabel('v0'), to: 'v0' });
  await world.addOwnersLabels(13);
  await world.runBefore('setSecret');
  world.cluster.authorization = false;
  await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'AUTHORIZATION_OFF' });
  expect(world.secret.labelsOf('v0')).toContain(sentLabel('v0'));
});

it('the first rotation never reuses the stored password of the second user, even if there is no room', async () => {
  await setSecretWith(15);
  expect(world.generated).toContain(world.cluster.passwordOf(SECOND_USER));
});

it('a rotation takes the label of the version in AWSPREVIOUS, never that of AWSCURRENT, if there is no room', async () => {
  await world.rotate('t1');
  await world.addOwnersLabels(15);
  await world.rotate('t2');
  expect(world.story).toContainEqual({ event: 'labels-full', versionId: 'v0', why: 'accepted, previous' });
  expect(world.secret.labelsOf('t1')).toContain(sentLabel('t1'));
});

it('a rejected password in AWSCURRENT gets none, so no later rotation sets it, even if there is little room', async () => {
  world.secret.storeByHand('edit', document('Typed-wrong-1'));
  await world.rotate('t1');
  expect(world.secret.labelsOf('edit')).toEqual(['AWSPREVIOUS']);
  world.secret.storeByHand('edit-2', document('Typed-wrong-2', { username: SECOND_USER }));
  await world.addOwnersLabels(14);
  await world.rotate('t2');
  expect(world.generated).toContain(world.cluster.passwordOf(USER));
});

it('the password in AWSCURRENT gets none if this rotation ends it, because it began with a single user', async () => {
  const switched = await new RotationWorld().runBefore('setSecret');
  await switched.alternateUsers();
  expect(await switched.step('setSecret', 't1')).toBe('changed');
  expect(switched.secret.labelsOf('v0')).toEqual(['AWSCURRENT']);
});
