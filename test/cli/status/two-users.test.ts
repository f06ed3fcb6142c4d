import { describe, expect, it } from 'vitest';
import { ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { document, SECOND_USER, USER } from '../../support/rotation-world.ts';
import { GAP, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';
import { type Change, turnOff } from '../support/state-world.ts';

useWorld('two');

describe('status of two users that take turns', () => {
  it('shows both users in the JSON document, with the date that the function gives', async () => {
    await world.run(['rotate', SECRET]);
    const rotatedAt = secret.store.lastRotatedAt ?? 0;
    world.clock.advance(GAP / 2);

    const { code, document: status } = await world.runJson('status', SECRET);

    const possibleFrom = new Date(rotatedAt + GAP).toISOString();
    expect(status.secrets[0].strategy).toEqual({
      name: 'alternating-users',
      source: 'function',
      users: [USER, SECOND_USER],
      other: { username: USER, inForce: true, versionId: 'v0', nextRotationPossibleFrom: possibleFrom },
    });
    expect(code).toBe(0);
    expect((await world.run(['rotate', SECRET])).out).toContain(`possible from ${possibleFrom}`);
  });

  it('proves by a login that the cluster refuses the replaced password', async () => {
    await world.run(['rotate', SECRET]);

    const { document: status } = await world.runJson('status', SECRET);

    const logins = status.secrets[0].versions.map(({ labels, login }: { labels: string[]; login: string }) => [
      labels.find((label) => label === AWSCURRENT || label === AWSPREVIOUS) ?? 'none of both',
      login,
    ]);
    expect(logins).toEqual([
      [AWSCURRENT, 'accepted'],
      ['none of both', 'rejected'],
      [AWSPREVIOUS, 'accepted'],
    ]);
  });

  it.each([
    [[], { login: 'rejected', why: null }],
    [['a', 'b', 'c'], { login: 'skipped', why: 'another password of the user in AWSCURRENT, not tried' }],
  ])('tells an earlier password of the current user from one of another user, beside %j', async (others, told) => {
    world.cluster.setByHand(USER, 'Edited-1');
    secret.store.storeByHand('edited', document('Edited-1'));

    const { document: status } = await world.runJson('status', SECRET, ...others);

    const [{ versions }] = status.secrets;
    expect(versions.find(({ versionId }: { versionId: string }) => versionId === 'v0')).toMatchObject(told);
  });

  it('keeps the login with a version that the search for the other user skips', async () => {
    secret.store.storeByHand('wrong', document('Wrong-1'));

    const { document: status } = await world.runJson('status', SECRET, 'a', 'b', 'c');

    const [{ versions }] = status.secrets;
    expect(versions.find(({ versionId }: { versionId: string }) => versionId === 'v0').login).toBe('accepted');
  });

  it.each([
    ['is no JSON', { SECRET_TARGETS: '{' }],
    ['is out of range', { MINIMUM_GAP_MINUTES: '-1' }],
  ])('assumes a single user, with a note, if the environment of the function %s', async (_, environment) => {
    Object.assign(world.aws.environment, environment);

    const { strategy, notes } = (await world.runJson('status', SECRET)).document.secrets[0];

    expect(strategy).toMatchObject({ name: 'single-user', source: 'assumed' });
    expect(notes).toEqual([expect.stringMatching(/single user\. The environment of .* is invalid/)]);
  });

  it.each<[why: string, Change]>([
    ['is incomplete', () => secret.store.startRotation('token-1')],
    ['may not be invoked', () => Object.assign(world.aws.inspection.account, { policy: [] })],
    ['is not configured', () => Object.assign(world.aws.environment, { [ROTATED_SECRETS]: 'other-??????' })],
    ['is off', turnOff],
  ])('restores the other user if none is accepted and the rotation %s', async (_why, hinder) => {
    world.cluster.setByHand(USER, 'Unknown-1');
    await hinder(world);

    const { out } = await world.run(['status', SECRET]);
    await world.run(['repair', SECRET, '--version', 'v-second', '--yes']);

    expect(out).toMatch(
      /To give applications .*, move AWSCURRENT .*`zilliz-rotation repair zilliz.test --version v-second/,
    );
    expect(out).not.toMatch(/`zilliz-rotation rotate/);
    expect(secret.store.holder(AWSCURRENT)).toBe('v-second');
  });
});
