import { describe, expect, it } from 'vitest';
import { type Change, ClusterUnavailableError } from '../../../cluster/cluster.ts';
import { parseEndpoint } from '../../../cluster/endpoint.ts';
import type { RotationError } from '../../../lambda/rotation/errors.ts';
import type { RotationPorts } from '../../../lambda/rotation/ports.ts';
import { parseDocument } from '../../../secret/document.ts';
import { AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../secret/versions.ts';
import { document, ENDPOINT, RotationWorld, USER } from '../../support/rotation-world.ts';

const LOST: Change = { kind: 'lost', answer: `${ENDPOINT} is silent: cut` };

/**
 * A world whose first rotation has changed the password, was un-stuck, and has a second one begun.
 */
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
    await expect(world.step('setSecret', 't2', ports)).rejects.toMatchObject({
      code: 'TOKEN_NOT_PENDING',
      message:
        'TOKEN_NOT_PENDING: Version t2 stopped being the pending one while this step looked for the password in force.',
    });
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
              return LOST;
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

describe('a change', () => {
  /**
   * Ports whose cluster answers a change as told, or throws it; and counts of what was asked of
   * the secret.
   */
  async function asked(change: (world: RotationWorld) => Promise<Change>) {
    const world = new RotationWorld();
    world.secret.startRotation('t1');
    await world.step('createSecret', 't1');
    world.story.length = 0;
    const ports = world.ports();
    const cluster = Object.create(world.cluster, { changePassword: { value: () => change(world) } });
    const outcome = await world.step('setSecret', 't1', { ...ports, cluster }).catch((error: unknown) => error);
    return { world, outcome };
  }
  const here = parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false });

  it('that did not happen, its answer lost, is waited for, called unsettled, and leaves the version as it is', async () => {
    const { world, outcome } = await asked(() => Promise.resolve(LOST));
    expect(outcome).toMatchObject({
      code: 'CHANGE_UNSETTLED',
      inForce: 'not known',
      message: `CHANGE_UNSETTLED: The change of ${USER} at ${ENDPOINT} got no clear answer (${ENDPOINT} is silent: cut), and for now the current password is accepted.`,
    });
    expect(world.story).toContainEqual({
      event: 'change-answered',
      answer: LOST,
    });
    expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
  });

  it('whose answer comes late, after a lost connection, counts as made', async () => {
    const { outcome } = await asked((world) => {
      const late = world.cluster.passwordOf(USER) ?? '';
      world.cluster.staleLogins = 2;
      return world.cluster
        .changePassword({ endpoint: here, username: USER, password: late }, 'Generated-password-1')
        .then(() => LOST);
    });
    expect(outcome).toBe('changed');
  });

  it('whose error can come before or after it is not called refused', async () => {
    const { outcome } = await asked(() => Promise.resolve({ kind: 'refused', reason: 'unclear', answer: 'no' }));
    expect(outcome).toMatchObject({ code: 'CHANGE_UNSETTLED', inForce: 'not known' });
  });

  it.each(['old-password', 'forbidden'] as const)(
    'that is refused, but not for its password, is no reason to give it up: %s',
    async (reason) => {
      const { world, outcome } = await asked(() => Promise.resolve({ kind: 'refused', reason, answer: 'no' }));
      expect(outcome).toMatchObject({
        code: 'CHANGE_REFUSED',
        message: expect.stringContaining('was not changed (no).'),
      });
      expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
    },
  );

  it('after which neither password is accepted is unsettled, and nothing is given up', async () => {
    const { world, outcome } = await asked((changing) => {
      changing.cluster.setByHand(USER, 'Set-elsewhere-1');
      return Promise.resolve({ kind: 'refused', reason: 'new-password', answer: 'no' });
    });
    expect(outcome).toMatchObject({
      code: 'CHANGE_UNSETTLED',
      message: `CHANGE_UNSETTLED: The change of ${USER} at ${ENDPOINT} got no clear answer (no), and for now neither password is accepted.`,
    });
    expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
  });

  it('that was reported and is not in force after the wait is not believed', async () => {
    const { outcome } = await asked(() => Promise.resolve({ kind: 'changed' }));
    expect(outcome).toMatchObject({
      code: 'PENDING_REJECTED',
      message: `PENDING_REJECTED: ${ENDPOINT} reported the change of ${USER} and rejects the new password.`,
    });
  });

  it('that took all the time but a login is unsettled', async () => {
    const { outcome } = await asked((world) => {
      world.now += 56_000;
      return Promise.resolve({ kind: 'changed' });
    });
    expect(outcome).toMatchObject({ code: 'CHANGE_UNSETTLED', message: expect.stringContaining('NOT_ENOUGH_TIME') });
  });

  it('that fails in a way of its own is not taken for a lost answer', async () => {
    const { outcome } = await asked(() => Promise.reject(new TypeError('x')));
    expect(outcome).toMatchObject({ code: 'UNEXPECTED' });
  });
});

it('a released version loses its sent label before AWSPENDING, so that a crash between the two is retried', async () => {
  const world = new RotationWorld();
  world.cluster.refuses = (password) => password === 'Generated-password-1';
  world.secret.startRotation('t1');
  await world.step('createSecret', 't1');
  const ports = world.ports();
  const removeLabel: typeof ports.store.removeLabel = async (label) => {
    await world.secret.removeLabel(label);
    throw new Error('the process dies');
  };
  const dying = { ...ports, store: Object.create(world.secret, { removeLabel: { value: removeLabel } }) };
  await expect(world.step('setSecret', 't1', dying)).rejects.toMatchObject({ code: 'UNEXPECTED' });
  expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING]);
  await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'PASSWORD_REFUSED' });
  expect(world.secret.labelsOf('t1')).toEqual([]);
});

describe('what setSecret asks of the secret', () => {
  async function calls(world: RotationWorld, token: string): Promise<string[]> {
    const made: string[] = [];
    const { store, ...ports } = world.ports();
    const noting = new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          made.push(String(name));
          return method.apply(target, args);
        };
      },
    });
    await world.step('setSecret', token, { ...ports, store: noting }).catch(() => undefined);
    return made;
  }

  it('is three reads in a healthy rotation', async () => {
    const world = new RotationWorld();
    world.secret.startRotation('t1');
    await world.step('createSecret', 't1');
    expect(await calls(world, 't1')).toEqual(['describe', 'read', 'read']);
  });

  it('is reads alone when no stored password is in force and there is no admin', async () => {
    const world = new RotationWorld();
    world.secret.startRotation('t1');
    await world.step('createSecret', 't1');
    world.cluster.setByHand(USER, 'Set-elsewhere-1');
    expect(await calls(world, 't1')).toEqual(['describe', 'read', 'read', 'list']);
  });

  it('is a label more for a pending version that a person stored', async () => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 't1', value: document('Stored-by-hand-1'), labels: [AWSPENDING] });
    expect(await calls(world, 't1')).toEqual(['describe', 'read', 'read', 'addLabel']);
  });

  it('is another look at the labels when the password in force was found off the named versions', async () => {
    const world = await stranded();
    expect(await calls(world, 't2')).toEqual(['describe', 'read', 'read', 'list', 'read', 'describe']);
  });

  it('is a label more for the previous version, if it is in force', async () => {
    const world = new RotationWorld();
    expect(await world.attempt('t1')).toBe('succeeded');
    expect(await world.attempt('t2')).toBe('succeeded');
    expect(world.secret.labelsOf('t1')).toEqual([AWSPREVIOUS]);
    world.cluster.setByHand(USER, parseDocument(world.secret.valueOf('t1') ?? '').password);
    world.secret.startRotation('t3');
    await world.step('createSecret', 't3');
    expect(await calls(world, 't3')).toEqual(['describe', 'read', 'read', 'read', 'addLabel']);
    world.secret.storeByHand('edit', document('Wrong-by-hand-1'));
    expect(world.secret.labelsOf('t1')).toEqual([sentLabel('t1')]);
  });

  it('is a label more for a version in force that had been superseded, before the change is asked for', async () => {
    const world = new RotationWorld();
    for (const token of ['t1', 't2', 't3']) {
      expect(await world.attempt(token)).toBe('succeeded');
    }
    const restored = parseDocument(world.secret.valueOf('t1') ?? '').password;
    world.cluster.setByHand(USER, restored);
    world.secret.startRotation('t4');
    await world.step('createSecret', 't4');
    expect(world.secret.labelsOf('t1')).toEqual([]);
    expect((await calls(world, 't4')).slice(-2)).toEqual(['describe', 'addLabel']);
    expect(world.secret.labelsOf('t1')).toEqual([sentLabel('t1')]);
  });
});
