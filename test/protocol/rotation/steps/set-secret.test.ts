import { describe, expect, it } from 'vitest';
import { type Change, ClusterUnavailableError } from '../../../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../../../protocol/cluster/endpoint.ts';
import type { RotationPorts } from '../../../../protocol/rotation/ports.ts';
import type { SecretStore } from '../../../../protocol/secret/secret-store.ts';
import { AWSPENDING, AWSPREVIOUS, sentLabel } from '../../../../protocol/secret/versions.ts';
import { document, ENDPOINT, FIRST_PASSWORD, RotationWorld, USER } from '../../../support/rotation-world.ts';

const LOST: Change = { kind: 'lost', answer: `${ENDPOINT} is silent: cut` };

/**
 * The first rotation changed the password, and AWSPENDING was removed from its version. A second
 * rotation has started.
 */
async function withStrandedVersion(): Promise<RotationWorld> {
  const world = await new RotationWorld().runBefore('testSecret');
  world.secret.removePendingByHand();
  await world.runBefore('setSecret', 't2');
  return world;
}

/** The ports of the world. `interfere` runs each time before the versions are listed. */
function interferingPorts(world: RotationWorld, interfere: () => Promise<void> | void): RotationPorts {
  const list = async () => {
    await interfere();
    return await world.secret.list();
  };
  return world.portsWith({ store: { list } });
}

describe('an invocation that runs longer than its rotation', () => {
  it('does not change the password that a later rotation has set', async () => {
    const world = await withStrandedVersion();
    const ports = interferingPorts(world, async () => {
      world.secret.removePendingByHand();
      expect(await world.attempt('t3')).toBe('succeeded');
    });
    await expect(world.step('setSecret', 't2', ports)).rejects.toMatchObject({ code: 'TOKEN_NOT_PENDING' });
    expect(world.applicationsLogIn).toBe(true);
  });

  it('does not let the admin reset the password either', async () => {
    const world = await withStrandedVersion();
    world.cluster.setByHand(USER, 'Set-in-the-console-1');
    world.pinUser();
    world.configure({ adminSecretArn: 'arn:admin' });
    let adminReads = 0;
    const ports: RotationPorts = {
      ...interferingPorts(world, () => world.secret.removePendingByHand()),
      readSecret: () => {
        adminReads += 1;
        return Promise.resolve('root:Milvus-root-1');
      },
    };
    await expect(world.step('setSecret', 't2', ports)).rejects.toMatchObject({ code: 'TOKEN_NOT_PENDING' });
    expect(adminReads).toBe(0);
    expect(world.secret.holder(AWSPENDING)).toBeUndefined();
  });
});

describe('setSecret after the request of a change', () => {
  it.each([
    ['unreachable', 'changed'],
    ['unreachable', 'lost'],
    ['no-answer', 'changed'],
    ['not-ready', 'lost'],
    ['forbidden', 'lost'],
  ] as const)('fails with CHANGE_UNSETTLED if the login ends with %s and the change with %s', async (kind, answer) => {
    const world = await new RotationWorld().runBefore('setSecret');
    const { cluster } = world;
    let changeSent = false;
    const ports = world.portsWith({
      cluster: {
        authenticates: async (credentials) => {
          if (!changeSent) {
            return await cluster.authenticates(credentials);
          }
          if (kind === 'forbidden') {
            return { kind };
          }
          throw new ClusterUnavailableError(kind, credentials.endpoint, 'cut');
        },
        changePassword: async (credentials, next) => {
          changeSent = true;
          const change = await cluster.changePassword(credentials, next);
          return answer === 'lost' ? LOST : change;
        },
      },
    });
    const failure = { code: 'CHANGE_UNSETTLED', retryable: true, accepted: 'not known' };
    await expect(world.step('setSecret', 't1', ports)).rejects.toMatchObject(failure);
  });
});

describe('a change', () => {
  /** Runs setSecret on a cluster that answers the change with this function. */
  async function setSecretWith(change: (world: RotationWorld) => Promise<Change>) {
    const world = await new RotationWorld().runBefore('setSecret');
    world.story.length = 0;
    let changes = 0;
    const changePassword = async (): Promise<Change> => {
      changes += 1;
      return await change(world);
    };
    const ports = world.portsWith({ cluster: { changePassword } });
    const outcome = await world.step('setSecret', 't1', ports).catch((error: unknown) => error);
    expect(changes).toBe(1);
    return { world, outcome };
  }
  const endpoint = parseEndpoint(ENDPOINT, { allowed: ['127.0.0.1'], allowPlaintext: false });

  const UNCLEAR: readonly (readonly [string, Exclude<Change, { kind: 'changed' }>])[] = [
    ['was lost', LOST],
    // Milvus reports such an error before or after a change.
    ['was unclear', { kind: 'refused', reason: 'unclear', answer: 'no' }],
  ];

  it.each(UNCLEAR)(
    'that did not happen and whose answer %s is unsettled, and the version keeps its labels',
    async (_, answer) => {
      const { world, outcome } = await setSecretWith(() => Promise.resolve(answer));
      expect(outcome).toMatchObject({
        code: 'CHANGE_UNSETTLED',
        accepted: 'not known',
      });
      expect(world.story).toContainEqual({ event: 'change-answered', answer });
      expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
    },
  );

  it.each(UNCLEAR)(
    'that happened counts as done, even if the answer %s and the proxies learn of it late',
    async (_, answer) => {
      const { outcome } = await setSecretWith((world) => {
        const password = world.cluster.passwordOf(USER) ?? '';
        world.cluster.staleLogins = 2;
        return world.cluster
          .changePassword({ endpoint, username: USER, password }, 'Generated-password-1')
          .then(() => answer);
      });
      expect(outcome).toBe('changed');
    },
  );

  it.each(['unauthenticated', 'old-password', 'unknown-user', 'forbidden'] as const)(
    'that is refused for another reason than the new password does not release the version: %s',
    async (reason) => {
      const { world, outcome } = await setSecretWith(() => Promise.resolve({ kind: 'refused', reason, answer: 'no' }));
      expect(outcome).toMatchObject({ code: 'CHANGE_REFUSED' });
      expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
    },
  );

  it.each<[string, string, 'unknown-user' | 'new-password', (world: RotationWorld) => unknown]>([
    ['of a user that was dropped meanwhile', 'NONE_IN_FORCE', 'unknown-user', ({ cluster }) => cluster.dropUser(USER)],
    [
      'after which neither password is accepted',
      'CHANGE_UNSETTLED',
      'new-password',
      ({ cluster }) => cluster.setByHand(USER, 'Set-elsewhere-1'),
    ],
  ])('%s fails with %s, and the version keeps its labels', async (_, code, reason, happen) => {
    const { world, outcome } = await setSecretWith((changedWorld) => {
      happen(changedWorld);
      return Promise.resolve({ kind: 'refused', reason, answer: 'no' });
    });
    expect(outcome).toMatchObject({ code });
    expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING, sentLabel('t1')].toSorted());
  });

  it('of the previous password that is refused tells that this password stays accepted', async () => {
    const world = await new RotationWorld().rotate('t1');
    world.cluster.setByHand(USER, FIRST_PASSWORD);
    await world.runBefore('setSecret', 't2');
    world.cluster.refuses = () => true;
    await expect(world.step('setSecret', 't2')).rejects.toMatchObject({
      code: 'PASSWORD_REFUSED',
      accepted: 'previous',
    });
  });

  it('on the secondary of a replication fails with CLUSTER_NOT_PRIMARY', async () => {
    const refusal = { kind: 'refused', reason: 'not-primary', answer: 'no' } as const;
    const { outcome } = await setSecretWith(() => Promise.resolve(refusal));
    expect(outcome).toMatchObject({ code: 'CLUSTER_NOT_PRIMARY', accepted: 'current' });
  });

  it('that the cluster reported as done fails if the new password is still rejected after the wait', async () => {
    const { world, outcome } = await setSecretWith(() => Promise.resolve({ kind: 'changed' }));
    expect(outcome).toMatchObject({ code: 'PENDING_REJECTED' });
    expect(world.cluster.received.filter(({ password }) => password === FIRST_PASSWORD)).toHaveLength(1);
  });

  it('that leaves too little time for a login is unsettled', async () => {
    const { outcome } = await setSecretWith((world) => {
      world.now += 56_000;
      return Promise.resolve({ kind: 'changed' });
    });
    expect(outcome).toMatchObject({ code: 'CHANGE_UNSETTLED', message: expect.stringContaining('NOT_ENOUGH_TIME') });
  });

  it('that throws an unknown error is not treated as a lost answer', async () => {
    const { outcome } = await setSecretWith(() => Promise.reject(new TypeError('x')));
    expect(outcome).toMatchObject({ code: 'UNEXPECTED' });
  });
});

it('a released version loses its sent label before AWSPENDING, so that a retry can continue after a crash', async () => {
  const world = new RotationWorld();
  world.cluster.refuses = (password) => password === 'Generated-password-1';
  await world.runBefore('setSecret');
  const removeLabel: SecretStore['removeLabel'] = async (label) => {
    await world.secret.removeLabel(label);
    throw new Error('the process dies');
  };
  const dying = world.portsWith({ store: { removeLabel } });
  await expect(world.step('setSecret', 't1', dying)).rejects.toMatchObject({ code: 'UNEXPECTED' });
  expect(world.secret.labelsOf('t1')).toEqual([AWSPENDING]);
  await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'PASSWORD_REFUSED' });
  expect(world.secret.labelsOf('t1')).toEqual([]);
});

it('adds a sent label to the previous version if it is accepted, and lists no versions', async () => {
  const world = await new RotationWorld().rotate('t1', 't2');
  expect(world.secret.labelsOf('t1')).toEqual([AWSPREVIOUS]);
  world.cluster.setByHand(USER, world.passwordIn(AWSPREVIOUS) ?? '');
  await world.runBefore('setSecret', 't3');
  const list = () => Promise.reject(new Error('listed'));
  expect(await world.step('setSecret', 't3', world.portsWith({ store: { list } }))).toBe('changed');
  world.secret.storeByHand('edit', document('Wrong-by-hand-1'));
  expect(world.secret.labelsOf('t1')).toEqual([sentLabel('t1')]);
});
