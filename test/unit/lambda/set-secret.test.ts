import { describe, expect, it } from 'vitest';
import { ClusterUnavailableError } from '../../../cluster/cluster.ts';
import type { RotationError } from '../../../lambda/rotation/errors.ts';
import type { RotationPorts } from '../../../lambda/rotation/ports.ts';
import { AWSPENDING } from '../../../secret/versions.ts';
import { RotationWorld, USER } from '../../support/rotation-world.ts';

/** A world whose first rotation has changed the password, was un-stuck, and has a second one begun. */
async function stranded(): Promise<RotationWorld> {
  const world = new RotationWorld();
  world.secret.startRotation('t1');
  await world.step('createSecret', 't1');
  await world.step('setSecret', 't1');
  world.secret.removePendingByHand();
  world.secret.startRotation('t2');
  await world.step('createSecret', 't2');
  return world;
}

/** The same ports, with something that happens as the versions are listed. */
function whenListed(world: RotationWorld, happens: () => Promise<void> | void): RotationPorts {
  const list = async () => {
    await happens();
    return await world.secret.list();
  };
  return { ...world.ports(), store: Object.create(world.secret, { list: { value: list } }) };
}

describe('an invocation that outlived its own rotation', () => {
  it('does not change the password that a later rotation has set', async () => {
    const world = await stranded();
    const ports = whenListed(world, async () => {
      world.secret.removePendingByHand();
      expect(await world.attempt('t3')).toBe('succeeded');
    });
    await expect(world.step('setSecret', 't2', ports)).rejects.toMatchObject({ code: 'TOKEN_NOT_PENDING' });
    expect(world.applicationsLogIn).toBe(true);
  });

  it('does not have an admin reset it either', async () => {
    const world = await stranded();
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    let asked = 0;
    const ports: RotationPorts = {
      ...whenListed(world, () => world.secret.removePendingByHand()),
      readAdmin: () => {
        asked += 1;
        return Promise.resolve('root:Milvus-root-1');
      },
    };
    await expect(world.step('setSecret', 't2', ports)).rejects.toMatchObject({ code: 'TOKEN_NOT_PENDING' });
    expect(asked).toBe(0);
    expect(world.secret.holder(AWSPENDING)).toBeUndefined();
  });
});

describe('a login that fails after the change was asked for', () => {
  it.each([
    ['unreachable', 'changed'],
    ['unreachable', 'lost'],
    ['no-answer', 'changed'],
    ['not-ready', 'lost'],
    ['forbidden', 'lost'],
  ] as const)(
    'leaves the change unsettled, and nobody says that nothing was changed: %s after %s',
    async (kind, answer) => {
      const world = new RotationWorld();
      world.secret.startRotation('t1');
      await world.step('createSecret', 't1');
      const { cluster } = world;
      let asked = false;
      const ports: RotationPorts = {
        ...world.ports(),
        cluster: {
          resetPassword: () => Promise.reject(new Error('not to be called')),
          authenticates: async (credentials) => {
            if (!asked) {
              return await cluster.authenticates(credentials);
            }
            if (kind === 'forbidden') {
              return { kind };
            }
            throw new ClusterUnavailableError(kind, credentials.endpoint, 'cut');
          },
          changePassword: async (credentials, next) => {
            asked = true;
            const truth = await cluster.changePassword(credentials, next);
            if (answer === 'lost') {
              throw new ClusterUnavailableError('no-answer', credentials.endpoint, 'cut');
            }
            return truth;
          },
        },
      };
      const failure = await world.step('setSecret', 't1', ports).catch((error: unknown) => error as RotationError);
      expect(failure).toMatchObject({ code: 'CHANGE_UNSETTLED', retryable: true, inForce: 'not known' });
      expect((failure as RotationError).message).toContain(
        `The change of ${USER} at http://127.0.0.1:19530 was asked for`,
      );
      expect((failure as RotationError).advice).not.toContain('Nothing was changed');
    },
  );
});
