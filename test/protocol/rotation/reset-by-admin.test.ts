import { describe, expect, it } from 'vitest';
import type { Change } from '../../../protocol/cluster/cluster.ts';
import type { RotationError } from '../../../protocol/rotation/errors.ts';
import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, ENDPOINT, RotationWorld, USER } from '../../support/rotation-world.ts';

const LOST: Change = { kind: 'lost', answer: `${ENDPOINT} is silent: cut` };

/** The cluster accepts no stored password, and an admin may reset the password. */
async function withLostPassword(): Promise<RotationWorld> {
  const world = new RotationWorld();
  world.configureAdmin();
  await world.runBefore('setSecret');
  world.cluster.setByHand(USER, 'Set-elsewhere-1');
  world.story.length = 0;
  return world;
}

async function failure(world: RotationWorld, resetPassword?: () => Promise<Change>): Promise<RotationError> {
  const ports = world.portsWith(resetPassword === undefined ? {} : { cluster: { resetPassword } });
  return (await world.step('setSecret', 't1', ports).catch((error: unknown) => error)) as RotationError;
}

describe('a reset by the configured admin', () => {
  it('sets the pending password if the cluster rejects every stored password, and reports the reset', async () => {
    const world = await withLostPassword();
    expect(await world.step('setSecret', 't1')).toBe('reset-by-admin');
    expect(world.cluster.passwordOf(USER)).toBe('Generated-password-1');
    expect(world.story.slice(-3)).toEqual([
      { event: 'change-asked', from: 'admin' },
      { event: 'change-answered', answer: { kind: 'changed' } },
      { event: 'step-finished', outcome: 'reset-by-admin', durationMs: 6000 },
    ]);
  });

  it('adds a sent label to a pending version that a person stored', async () => {
    const world = await withLostPassword();
    world.secret.removePendingByHand();
    await world.secret.put({ versionId: 't2', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
    expect(await world.step('setSecret', 't2')).toBe('reset-by-admin');
    expect(world.secret.labelsOf('t2')).toContain(sentLabel('t2'));
  });

  it('fails with the answer of the cluster if the admin may not reset passwords', async () => {
    const world = await withLostPassword();
    world.cluster.superUsers = [];
    expect(await failure(world)).toMatchObject({
      code: 'ADMIN_REFUSED',
      accepted: 'none of the stored',
    });
  });

  it('releases the version if the cluster refuses the new password', async () => {
    const world = await withLostPassword();
    world.cluster.refuses = () => true;
    expect(await failure(world)).toMatchObject({ code: 'PASSWORD_REFUSED', accepted: 'none of the stored' });
    expect(world.secret.labelsOf('t1')).toEqual([]);
  });

  it('can succeed at a retry if the cluster rejected the login of the admin, too', async () => {
    const world = await withLostPassword();
    world.cluster.setByHand('root', 'Unknown-to-the-proxy-1');
    expect(await failure(world)).toMatchObject({
      code: 'ADMIN_REJECTED',
      retryable: true,
      accepted: 'none of the stored',
    });
    world.cluster.setByHand('root', 'Root-password-0');
    expect(await world.step('setSecret', 't1')).toBe('reset-by-admin');
  });

  it.each([
    ['lost', LOST],
    ['success', { kind: 'changed' }],
    ['unclear', { kind: 'refused', reason: 'unclear', answer: 'no' }],
  ] as const)('is unsettled if the new password is rejected and the answer was %s', async (_, answer) => {
    const world = await withLostPassword();
    expect(await failure(world, () => Promise.resolve(answer))).toMatchObject({ code: 'CHANGE_UNSETTLED' });
  });

  it('is refused before any request if the admin secret names another cluster', async () => {
    const world = await withLostPassword();
    const elsewhere = 'http://127.0.0.1:19999';
    world.readSecret = () => Promise.resolve(JSON.stringify({ endpoint: elsewhere, username: 'root', password: 'x' }));
    const before = world.cluster.passwordOf(USER);
    expect(await failure(world)).toMatchObject({
      code: 'ADMIN_INVALID',
      accepted: 'none of the stored',
      message: expect.stringContaining(elsewhere),
    });
    expect(world.story.some(({ event }) => event === 'change-asked')).toBe(false);
    expect(world.cluster.passwordOf(USER)).toBe(before);
  });

  it.each([
    ['nothing', {}],
    ['an endpoint alone', { endpoint: ENDPOINT }],
    ['a user alone', { username: USER }],
  ])('is not allowed if the deployment pins %s, and the admin secret is not read', async (_, pins) => {
    const world = await withLostPassword();
    world.pins = pins;
    world.readSecret = () => Promise.reject(new Error('not to be read'));
    expect(await failure(world)).toMatchObject({
      code: 'RESET_NOT_ALLOWED',
      retryable: false,
      accepted: 'none of the stored',
    });
    expect(world.cluster.passwordOf(USER)).toBe('Set-elsewhere-1');
  });

  it.each(['root', 'db_admin', 'the_admin'])(
    'never changes the password of %s, even if the deployment pins that user',
    async (username) => {
      const world = new RotationWorld(document('Guessed-password-1', { username }));
      world.pins = { endpoint: ENDPOINT, username };
      world.cluster.addUser(username, 'Set-elsewhere-1').addUser('the_admin', 'Admin-password-1').superUsers = [
        'the_admin',
      ];
      world.cluster.setByHand('the_admin', 'Admin-password-1');
      world.configure({ adminSecretArn: 'arn:admin' });
      world.readSecret = () =>
        Promise.resolve(JSON.stringify({ endpoint: ENDPOINT, username: 'the_admin', password: 'Admin-password-1' }));
      expect(await world.attempt('t1')).toMatchObject({ code: 'RESET_NOT_ALLOWED' });
      const sent = world.cluster.received.filter(({ password }) => password === 'Admin-password-1');
      expect(sent).toEqual([]);
    },
  );

  it('fails with NONE_IN_FORCE and names the repair if the cluster has no such user', async () => {
    const world = await withLostPassword();
    world.cluster.dropUser(USER);
    const error = await failure(world);
    expect(error).toMatchObject({
      code: 'NONE_IN_FORCE',
      accepted: 'none of the stored',
      advice: expect.stringContaining('`zilliz-rotation init SECRET --admin-secret ADMIN --role ROLE`'),
    });
    expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
  });

  it('does not start if the remaining time is too short for the reset and the login after it', async () => {
    const world = await withLostPassword();
    const ports = world.ports();
    world.timeout = 16_999;
    expect(await failure(world)).toMatchObject({ code: 'NOT_ENOUGH_TIME', accepted: 'none of the stored' });
    expect(world.story.some(({ event }) => event === 'change-asked')).toBe(false);
    expect(await world.step('setSecret', 't1', ports)).toBe('reset-by-admin');
  });
});
