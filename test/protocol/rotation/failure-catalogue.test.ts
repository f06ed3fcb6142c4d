import { describe, expect, it } from 'vitest';
import type { RotationError } from '../../../protocol/rotation/errors.ts';
import type { SecretStore } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

/** Each letter is a row of the failure catalogue in docs/never-locked-out.md. */
describe('failure catalogue', () => {
  it('A: after a crash directly after the change, the same token completes the rotation', async () => {
    const world = await changedButNotPromoted();
    expect(world.applicationsLogIn).toBe(false);

    await world.rotate('t1');
  });

  it('B: after AWSPENDING was removed by hand, a new token continues from the accepted password', async () => {
    const world = await changedButNotPromoted();
    world.secret.removePendingByHand();
    world.secret.deleteDeprecated();

    await world.rotate('t2');
  });

  it('C: a value that a person stores during the rotation stays AWSCURRENT, and the next rotation keeps the edit', async () => {
    const world = await changedButNotPromoted();
    world.secret.storeByHand('by-hand', document(FIRST_PASSWORD, { note: 'edited' }));
    world.secret.storeByHand('by-hand-2', document(FIRST_PASSWORD, { note: 'edited again' }));

    await expect(world.step('finishSecret', 't1')).rejects.toMatchObject({ code: 'TOKEN_NOT_PENDING' });
    expect(world.secret.holder(AWSCURRENT)).toBe('by-hand-2');

    await world.rotate('t2');
    expect(JSON.parse(world.secret.valueOf('t2') ?? '')).toMatchObject({ note: 'edited again' });
  });

  it('D: a version whose password the cluster refuses is released, and the next rotation makes another password', async () => {
    const world = new RotationWorld();
    world.cluster.refuses = (password) => password === 'Generated-password-1';

    expect(await world.attempt('t1')).toMatchObject({
      code: 'PASSWORD_REFUSED',
      retryable: false,
      accepted: 'current',
    });
    expect(world.applicationsLogIn).toBe(true);
    expect(world.secret.labelsOf('t1')).toEqual([]);

    await world.rotate('t2');
  });

  it('E: the step fails with CLUSTER_UNREACHABLE if the cluster is unreachable, and the retry succeeds', async () => {
    const world = new RotationWorld();
    world.cluster.reachable = false;
    const failure = (await world.attempt('t1')) as RotationError;
    expect(failure).toMatchObject({ code: 'CLUSTER_UNREACHABLE', retryable: true, step: 'setSecret' });
    expect(failure.message).toContain('http://127.0.0.1:19530 is unreachable');

    world.cluster.reachable = true;
    expect(await world.attempt('t1')).toBe('succeeded');
  });

  it('F: the step fails with NONE_IN_FORCE and names the repair if the password was changed outside the secret', async () => {
    const world = new RotationWorld();
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    const failure = (await world.attempt('t1')) as RotationError;
    expect(failure).toMatchObject({ code: 'NONE_IN_FORCE', accepted: 'none of the stored', step: 'setSecret' });
    expect(failure.advice).toContain('zilliz-rotation repair');
    expect(world.cluster.passwordOf(USER)).toBe('Set-in-the-console-1');
  });

  it('G: after the restore of a backup, the rotation continues from a version without a label', async () => {
    const world = await new RotationWorld().rotate('t1', 't2', 't3');
    expect(world.secret.labelsOf('t1')).toEqual([]);
    world.cluster.setByHand(USER, 'Generated-password-1');

    await world.rotate('t4');
  });

  it.each([
    ['host', { endpoint: 'http://127.0.0.2:19530' }],
    ['port', { endpoint: 'http://127.0.0.1:19531' }],
    ['user', { username: 'intruder' }],
  ])('H: a pending version that names another %s is refused before any connection', async (_, foreign) => {
    const world = new RotationWorld();
    world.configure({
      endpointRules: { allowed: ['127.0.0.1', '127.0.0.2'], allowPlaintext: false },
    });
    await world.secret.put({ versionId: 't1', value: document('Planted-password-1', foreign), labels: [AWSPENDING] });
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      await expect(world.step(step, 't1')).rejects.toMatchObject({ code: 'PENDING_MISMATCH' });
    }
    expect(world.cluster.received).toEqual([]);
  });

  it('I: setSecret waits for a proxy that learns late of the change', async () => {
    const world = new RotationWorld();
    world.cluster.staleLogins = 3;
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(world.story.filter(({ event }) => event === 'login-awaited')).toHaveLength(3);
  });

  it('I: if the new password is still rejected after the wait, AWSCURRENT stays and the change is not rolled back', async () => {
    const world = new RotationWorld();
    world.cluster.staleLogins = 1000;
    expect(await world.attempt('t1')).toMatchObject({ code: 'PENDING_REJECTED', step: 'setSecret' });
    expect(world.cluster.passwordOf(USER)).toBe('Generated-password-1');
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');
  });

  it('J: a move of AWSCURRENT whose answer was lost counts as done', async () => {
    const world = await changedButNotPromoted();
    const promote: SecretStore['promote'] = async (move) => {
      await world.secret.promote(move);
      return 'moved';
    };
    expect(await world.step('finishSecret', 't1', world.portsWith({ store: { promote } }))).toBe('promoted');
    expect(await world.step('finishSecret', 't1')).toBe('already-current');
    expect(world.secret.holder(AWSPREVIOUS)).toBe('v0');
  });

  it('K: after CancelRotateSecret the steps fail, and a new rotation continues from the accepted password', async () => {
    const world = await changedButNotPromoted();
    world.secret.rotationEnabled = false;
    await expect(world.step('testSecret', 't1')).rejects.toMatchObject({ code: 'ROTATION_DISABLED' });

    world.secret.removePendingByHand();
    await world.rotate('t2');
  });

  it('L: a change does not start if the remaining time is too short to finish and verify it', async () => {
    const world = await new RotationWorld().runBefore('setSecret');
    // Enough time for the two logins that find the accepted password, but not for the change.
    world.timeout = 12_000;
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'NOT_ENOUGH_TIME', accepted: 'current' });
    expect(world.cluster.passwordOf(USER)).toBe(FIRST_PASSWORD);
    expect(world.story.some(({ event }) => event === 'change-asked')).toBe(false);
  });

  it('N: setSecret reads a pending version again that is not visible yet', async () => {
    const world = await new RotationWorld().runBefore('setSecret');
    let hidden = 2;
    const read: SecretStore['read'] = async (versionId) =>
      versionId === 't1' && hidden-- > 0 ? undefined : await world.secret.read(versionId);
    expect(await world.step('setSecret', 't1', world.portsWith({ store: { read } }))).toBe('changed');
  });

  it('O: testSecret fails and names the likely cause if another rotation changed the same user', async () => {
    const world = await changedButNotPromoted();
    world.cluster.setByHand(USER, 'Set-by-another-secret-1');
    const failure = await world.step('testSecret', 't1').catch((error: unknown) => error as RotationError);
    expect(failure).toMatchObject({ code: 'PENDING_REJECTED' });
    expect((failure as RotationError).advice).toContain('a second secret');
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');
  });

  it('P: a previous version that is no credential is skipped, and the reason is reported', async () => {
    const world = new RotationWorld();
    world.secret.storeByHand('v1', 'not a credential');
    world.secret.storeByHand('v2', document(FIRST_PASSWORD));
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    expect(await world.attempt('t1')).toMatchObject({ code: 'NONE_IN_FORCE' });
    expect(world.story).toContainEqual({
      event: 'candidate-skipped',
      candidate: { versionId: 'v1', stage: 'previous' },
      why: 'not a credential',
    });
  });

  it('Q: after a failed first rotation, a later attempt succeeds', async () => {
    const world = new RotationWorld();
    world.cluster.setByHand(USER, 'Not-the-stored-one-1');
    expect(await world.attempt('t1')).toMatchObject({ code: 'NONE_IN_FORCE' });
    world.cluster.setByHand(USER, FIRST_PASSWORD);
    expect(await world.attempt('t1')).toBe('succeeded');
  });
});

/**
 * The state after a crash in setSecret: the cluster has the new password, AWSCURRENT the old one.
 */
async function changedButNotPromoted(): Promise<RotationWorld> {
  const world = await new RotationWorld().runBefore('testSecret');
  expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
  return world;
}
