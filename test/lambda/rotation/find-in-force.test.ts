import { describe, expect, it } from 'vitest';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

async function pendingIn(world: RotationWorld): Promise<RotationWorld> {
  world.secret.startRotation('t1');
  await world.step('createSecret', 't1');
  world.story.length = 0;
  return world;
}

function tried(world: RotationWorld): string[] {
  return world.story.flatMap((news) =>
    news.event === 'candidate-tried' || news.event === 'candidate-skipped'
      ? `${news.candidate.versionId} ${news.event}`
      : [],
  );
}

describe('the search for the password in force', () => {
  it('tries each distinct password twice before it says that none is in force', async () => {
    const world = new RotationWorld();
    world.secret.storeByHand('v1', document('Wrong-password-1'));
    world.secret.storeByHand('v2', document('Wrong-password-1', { note: 1 }));
    world.secret.storeByHand('v3', 'not a credential');
    world.secret.storeByHand('v4', document('Wrong-password-4'));
    await pendingIn(world);
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({
      code: 'NONE_IN_FORCE',
      inForce: 'none of the stored',
      message: `NONE_IN_FORCE: http://127.0.0.1:19530 rejects every stored password of ${USER}, each tried twice: the pending, the current, the previous and up to 100 others, newest first.`,
    });
    expect(tried(world)).toEqual([
      't1 candidate-tried',
      'v4 candidate-tried',
      'v3 candidate-skipped',
      'v2 candidate-tried',
      'v0 candidate-tried',
      't1 candidate-tried',
      'v4 candidate-tried',
      'v2 candidate-tried',
      'v0 candidate-tried',
    ]);
    expect(world.cluster.received.map(({ password }) => password)).toEqual([
      'Generated-password-1',
      'Wrong-password-4',
      'Wrong-password-1',
      FIRST_PASSWORD,
      'Generated-password-1',
      'Wrong-password-4',
      'Wrong-password-1',
      FIRST_PASSWORD,
    ]);
  });

  it('lists the versions only when none of the named ones is in force, and reads none twice', async () => {
    const world = await pendingIn(new RotationWorld());
    const asked: string[] = [];
    const { secret } = world;
    const noting = <T>(what: string, answer: T): T => {
      asked.push(what);
      return answer;
    };
    const store = Object.create(secret, {
      list: { value: () => noting('list', secret.list()) },
      read: { value: (versionId: string) => noting(versionId, secret.read(versionId)) },
    });
    expect(await world.step('setSecret', 't1', { ...world.ports(), store })).toBe('changed');
    expect(asked).toEqual(['v0', 't1']);
  });

  it.each([
    ['gone by then', undefined, 'unreadable'],
    ['no credential', 'nothing', 'not a credential'],
    ['for another user', document('x', { username: 'other', token: 'other:x' }), 'other host or user'],
    ['for a host that is not allowed', document('x', { endpoint: 'https://example.com' }), 'other host or user'],
  ])('skips a version with the reason: %s', async (_, value, why) => {
    const world = await pendingIn(new RotationWorld());
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    const { secret } = world;
    const store = Object.create(secret, {
      list: { value: () => Promise.resolve([{ versionId: 'old', labels: [], createdAt: 0 }]) },
      read: { value: (versionId: string) => (versionId === 'old' ? Promise.resolve(value) : secret.read(versionId)) },
    });
    await expect(world.step('setSecret', 't1', { ...world.ports(), store })).rejects.toMatchObject({
      code: 'NONE_IN_FORCE',
    });
    expect(world.story).toContainEqual({
      event: 'candidate-skipped',
      candidate: { versionId: 'old', stage: 'stranded' },
      why,
    });
  });

  it('proves nothing when a version cannot be read for a reason that is none of the version', async () => {
    const world = await pendingIn(new RotationWorld());
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    const { secret } = world;
    const store = Object.create(secret, {
      list: { value: () => Promise.resolve([{ versionId: 'old', labels: [], createdAt: 0 }]) },
      read: {
        // What a store could only return by a bug of its own: reading it is an error of none of the known kinds.
        value: (versionId: string) =>
          versionId === 'old' ? Promise.resolve({ trimStart: 1 } as unknown as string) : secret.read(versionId),
      },
    });
    await expect(world.step('setSecret', 't1', { ...world.ports(), store })).rejects.toMatchObject({
      code: 'UNEXPECTED',
    });
  });
});
