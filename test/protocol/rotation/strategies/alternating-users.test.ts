import { beforeEach, describe, expect, it } from 'vitest';
import type { RotationError } from '../../../../protocol/rotation/errors.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../../protocol/secret/versions.ts';
import {
  document,
  FIRST_PASSWORD,
  RotationWorld,
  SECOND_USER,
  SECOND_USERS_PASSWORD,
  USER,
} from '../../../support/rotation-world.ts';

let world: RotationWorld;

beforeEach(async () => {
  world = new RotationWorld(document(FIRST_PASSWORD, { database: 'orders' }));
  await world.alternateUsers();
});

describe('two users that take turns', () => {
  it('change places with each rotation, and the credential before stays valid', async () => {
    expect(await world.attempt('t1')).toBe('succeeded');
    expect([world.usernameIn(AWSCURRENT), world.usernameIn(AWSPREVIOUS)]).toEqual([SECOND_USER, USER]);
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
    expect(world.passwordIn(AWSPREVIOUS)).toBe(FIRST_PASSWORD);

    expect(await world.attempt('t2')).toBe('succeeded');
    expect([world.usernameIn(AWSCURRENT), world.usernameIn(AWSPREVIOUS)]).toEqual([USER, SECOND_USER]);
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
    expect(world.passwordIn(AWSCURRENT)).not.toBe(FIRST_PASSWORD);
    // The search does not even read the version of the user whose turn it is not.
    expect(world.story.filter(({ event }) => event === 'candidate-skipped')).toEqual([]);
  });

  it('change username, password and token of the document, and no other key', async () => {
    await world.attempt('t1');
    const password = world.passwordIn(AWSCURRENT) ?? '';
    const expected = document(password, { database: 'orders', username: SECOND_USER });
    expect(JSON.parse(world.secret.valueOf('t1') ?? '')).toEqual(JSON.parse(expected));
  });

  it('are told apart if both versions hold the same password', async () => {
    const value = document(FIRST_PASSWORD, { database: 'orders', username: SECOND_USER });
    await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING] });
    await expect(world.step('testSecret', 't1')).rejects.toMatchObject({ code: 'PENDING_REJECTED' });
  });

  it('keep one sent label each: on the current version, and on the one before it', async () => {
    await world.rotate('t1', 't2', 't3');
    const labels = [...world.secret.values].length;
    expect(labels).toBe(5);
    expect(world.secret.labelsOf('t3')).toEqual([AWSCURRENT, AWSPENDING, sentLabel('t3')]);
    expect(world.secret.labelsOf('t2')).toEqual([AWSPREVIOUS, sentLabel('t2')]);
    for (const versionId of ['v0', 'v-second', 't1']) {
      expect(world.secret.labelsOf(versionId)).toEqual([]);
    }
  });

  it('leave the current credential alone if a person stored a pending version for it', async () => {
    await world.secret.put({
      versionId: 'by-hand',
      value: document('By-hand-1', { database: 'orders' }),
      labels: [AWSPENDING],
    });
    const refusal = (await world.attempt('by-hand')) as RotationError;
    expect(refusal).toMatchObject({ code: 'PENDING_MISMATCH' });
    expect(refusal.message).toContain(SECOND_USER);
    expect(world.cluster.received).toEqual([]);
  });

  it.each(['a_third_user', `${USER}_`])('are the only users that a value may name: %s is refused', async (username) => {
    world.secret.storeByHand('edit', document('Any-1', { username }));
    const refusal = (await world.attempt('t1')) as RotationError;
    expect(refusal.code).toBe('CURRENT_INVALID');
    expect(refusal.message).toContain(`${USER} and ${SECOND_USER}`);
    expect(world.cluster.received).toEqual([]);
  });

  it('stay as they are if no stored password of the next user is accepted', async () => {
    world.cluster.setByHand(SECOND_USER, 'Changed-in-the-console-1');
    const refusal = (await world.attempt('t1')) as RotationError;
    expect(refusal).toMatchObject({ code: 'NONE_IN_FORCE' });
    expect(refusal.message).toContain(SECOND_USER);
    expect(world.applicationsLogIn).toBe(true);
  });

  it('give applications a valid credential if the current one was changed elsewhere', async () => {
    world.cluster.setByHand(USER, 'Changed-in-the-console-1');
    await world.rotate('t1');
    expect(world.story).toContainEqual({ event: 'current-rejected', username: USER });
  });
});

describe('the minimum gap between two rotations', () => {
  const MINUTE = 60_000;

  beforeEach(() => {
    world.configure({ minimumGapMs: 120 * MINUTE });
  });

  it('does not hold up the first rotation, whose user applications never had', async () => {
    world.secret.date = () => world.date + world.now;
    world.secret.storeByHand('v0', document(FIRST_PASSWORD));
    expect(world.secret.holder(AWSPREVIOUS)).toBeUndefined();
    expect(await world.attempt('t1')).toBe('succeeded');
  });

  it('holds up the next rotation, says until when, and leaves nothing behind', async () => {
    await world.rotate('t1');
    world.now += 119 * MINUTE;
    const refusal = (await world.attempt('t2')) as RotationError;
    expect(refusal).toMatchObject({ code: 'ROTATED_TOO_RECENTLY', retryable: false, accepted: 'current' });
    const until = new Date((world.secret.lastRotatedAt ?? 0) + 120 * MINUTE).toISOString();
    expect(refusal.message).toContain(`from ${until}`);
    expect(world.secret.holder(AWSPENDING)).toBeUndefined();
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);

    world.now += MINUTE;
    expect(await world.attempt('t3')).toBe('succeeded');
  });

  it.each([
    ['', 'nothing'],
    [', although the list of versions is older than that', 'by-hand'],
  ])('also counts from the moment at which a person replaced the other credential%s', async (_, omitted) => {
    await world.rotate('t1');
    world.now += 121 * MINUTE;
    world.secret.date = () => world.date + world.now;
    world.secret.storeByHand('by-hand', document(FIRST_PASSWORD, { database: 'orders' }));
    const listed = (await world.secret.list()).filter(({ versionId }) => versionId !== omitted);
    world.secret.list = () => Promise.resolve(listed);
    expect(await world.attempt('t2')).toMatchObject({ code: 'ROTATED_TOO_RECENTLY' });
  });

  it('of 0 refuses nothing, even if the date of Secrets Manager is ahead of the clock', async () => {
    world.configure({ minimumGapMs: 0 });
    await world.rotate('t1');
    world.secret.lastRotatedAt = world.date + world.now + 1440 * MINUTE;
    expect(await world.attempt('t2')).toBe('succeeded');
  });

  it('protects a credential that an old invocation replaced after the next rotation had started', async () => {
    await world.rotate('t1');
    world.now += 121 * MINUTE;
    world.secret.date = () => world.date + world.now;
    await world.runBefore('finishSecret', 't2');
    world.secret.removePendingByHand();
    world.secret.startRotation('t3');
    await world.secret.promote({ to: 't2', from: 't1' });
    await expect(world.step('createSecret', 't3')).rejects.toMatchObject({ code: 'ROTATED_TOO_RECENTLY' });
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
  });

  it('does not hold up a rotation that a person asks for after a leak', async () => {
    await world.rotate('t1');
    expect(await world.attempt('without-gap-t2')).toBe('succeeded');
    expect(world.cluster.passwordOf(SECOND_USER)).not.toBe(SECOND_USERS_PASSWORD);
    expect(world.cluster.passwordOf(USER)).not.toBe(FIRST_PASSWORD);
  });

  it('is kept for a token that only contains the text of a rotation after a leak', async () => {
    await world.rotate('t1');
    expect(await world.attempt('t2-without-gap-')).toMatchObject({ code: 'ROTATED_TOO_RECENTLY' });
  });

  it('is not kept if the cluster rejects the credential in AWSCURRENT, because the rotation repairs the secret', async () => {
    await world.rotate('t1');
    world.cluster.setByHand(SECOND_USER, 'Changed-in-the-console-1');
    expect(await world.attempt('t2')).toBe('succeeded');
    expect(world.applicationsLogIn).toBe(true);
  });

  it('is kept if the cluster rejects that credential only once, because one proxy may learn of it late', async () => {
    await world.rotate('t1');
    const { authenticates } = world.cluster;
    let logins = 0;
    world.cluster.authenticates = async (credentials) =>
      logins++ === 0 ? { kind: 'rejected' } : await authenticates.call(world.cluster, credentials);
    expect(await world.attempt('t2')).toMatchObject({ code: 'ROTATED_TOO_RECENTLY' });
  });

  it.each([
    ['says nothing about that credential', 'CLUSTER_UNREACHABLE', { reachable: false }, { reachable: true }],
    ['accepts every password', 'AUTHORIZATION_OFF', { authorization: false }, { authorization: true }],
  ])('is neither kept nor skipped if the cluster %s: the attempt is repeated', async (_, code, fault, healthy) => {
    await world.rotate('t1');
    Object.assign(world.cluster, fault);
    expect(await world.attempt('t2')).toMatchObject({ code, step: 'createSecret' });
    Object.assign(world.cluster, healthy);
    expect(await world.attempt('t2')).toMatchObject({ code: 'ROTATED_TOO_RECENTLY', accepted: 'current' });
  });

  it('counts from the date of the current version if finishSecret was killed after the promotion', async () => {
    world.secret.date = () => world.date + world.now;
    world.now += 500 * MINUTE;
    await world.rotate('t1');
    // Secrets Manager sets no date of the last rotation.
    world.secret.lastRotatedAt = undefined;
    world.now += 119 * MINUTE;
    expect(await world.attempt('t2')).toMatchObject({ code: 'ROTATED_TOO_RECENTLY' });
    expect([world.logsIn(AWSCURRENT), world.logsIn(AWSPREVIOUS)]).toEqual([true, true]);
  });
});

describe('copies of the credential in other keys', () => {
  it('follow if a tag of the secret declares them', async () => {
    world.secret.tags = { 'zilliz:copies': 'user milvus.uri' };
    const copies = (username: string, password: string) => ({
      user: username,
      milvus: { uri: `http://${username}:${password}@127.0.0.1:19530` },
    });
    world.secret.storeByHand('edit', document(FIRST_PASSWORD, copies(USER, FIRST_PASSWORD)));
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(JSON.parse(world.secret.valueOf('t1') ?? '')).toMatchObject(
      copies(SECOND_USER, world.passwordIn(AWSCURRENT) ?? ''),
    );
  });

  it('are refused before any change otherwise, and the message declares them when pasted', async () => {
    world.secret.storeByHand('edit', document(FIRST_PASSWORD, { user: USER, x: [FIRST_PASSWORD] }));
    const refusal = (await world.attempt('t1')) as RotationError;
    expect(refusal.code).toBe('CURRENT_INVALID');
    expect(refusal.message).toContain('"x.0", "user"');
    expect(world.cluster.received).toEqual([]);
    const [, tags = ''] = /--tags '([^']*)'/.exec(refusal.message) ?? [];
    world.secret.tags = Object.fromEntries(
      (JSON.parse(tags) as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
    );
    expect(await world.attempt('t1')).toBe('succeeded');
  });
});
