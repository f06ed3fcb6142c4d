import { type Change, type Cluster, ClusterUnavailableError, type Login } from '../../../../cluster/cluster.ts';
import { parseEndpoint } from '../../../../cluster/endpoint.ts';
import { LOOPBACK } from '../../../support/loopback.ts';
import { document, ENDPOINT, FIRST_PASSWORD, type RotationWorld, USER } from '../../../support/rotation-world.ts';
import { attempt, failsIn, type Stories, type Story, wait } from './story.ts';

const ADMIN = JSON.stringify({ endpoint: ENDPOINT, username: 'root', password: 'Milvus-root-1' });

/** Failures that come from the cluster, its users or the admin. */
export const CLUSTER_STORIES: Stories = {
  CLUSTER_UNREACHABLE: {
    fail: (world) => {
      world.cluster.reachable = false;
      return attempt(world);
    },
    follow: (world) => {
      world.cluster.reachable = true;
    },
    next: 't1',
  },
  CLUSTER_NO_ANSWER: whileLogin(() => Promise.reject(unavailable('no-answer'))),
  CLUSTER_NOT_READY: whileLogin(() => Promise.reject(unavailable('not-ready'))),
  CLUSTER_FORBIDS: whileLogin(() => Promise.resolve({ kind: 'forbidden', answer: 'PERMISSION_DENIED' } as Login)),
  NONE_IN_FORCE: {
    fail: (world) => {
      world.cluster.setByHand(USER, 'Changed-1');
      return attempt(world);
    },
    follow: (world) => {
      world.cluster.setByHand(USER, 'Reset-in-the-console-1');
      world.secret.storeByHand('by-hand', document('Reset-in-the-console-1'));
    },
    next: 't2',
  },
  NOT_ENOUGH_TIME: {
    fail: failsIn('setSecret', (world) => {
      world.timeout = 12_000;
    }),
    follow: (world) => {
      world.timeout = 60_000;
    },
    next: 't1',
  },
  PASSWORD_REFUSED: {
    fail: (world) => {
      world.cluster.refuses = (password) => password === 'Generated-password-1';
      return attempt(world);
    },
    follow: wait,
    next: 't2',
  },
  CHANGE_REFUSED: whileChange({ kind: 'refused', reason: 'forbidden', answer: 'no' }),
  CLUSTER_NOT_PRIMARY: whileChange({ kind: 'refused', reason: 'not-primary', answer: 'a secondary' }),
  CHANGE_UNSETTLED: whileChange({ kind: 'lost', answer: 'cut' }),
  PENDING_REJECTED: {
    fail: failsIn('testSecret', (world) => world.cluster.setByHand(USER, FIRST_PASSWORD)),
    follow: wait,
    next: 't1',
  },
  AUTHORIZATION_OFF: {
    ...whileLogin(() => Promise.resolve({ kind: 'accepted', roles: [] })),
    next: 't1',
  },
  ADMIN_REJECTED: {
    fail: (world) => failsWithAdmin(world, () => world.cluster.setByHand('root', 'Other-root-1')),
    follow: (world) => {
      world.readAdmin = async () => ADMIN.replace('Milvus-root-1', 'Other-root-1');
    },
    next: 't1',
  },
  ADMIN_REFUSED: {
    fail: (world) =>
      failsWithAdmin(world, () => {
        world.cluster.superUsers = [];
      }),
    follow: (world) => {
      world.cluster.superUsers = ['root'];
    },
    next: 't1',
  },
  RESET_NOT_ALLOWED: {
    fail: (world) => failsWithAdmin(world, () => world.configure({ secretTargets: {} })),
    follow: (world) => world.pinTarget(),
    next: 't1',
  },
  ADMIN_INVALID: {
    fail: (world) =>
      failsWithAdmin(world, () => {
        world.readAdmin = async () => 'no credential';
      }),
    follow: (world) => {
      world.readAdmin = async () => ADMIN;
    },
    next: 't1',
  },
};

function failsWithAdmin(world: RotationWorld, happen: () => void): Promise<unknown> {
  world.pinTarget();
  world.cluster.addUser('root', 'Milvus-root-1').superUsers = ['root'];
  world.cluster.setByHand(USER, 'Set-elsewhere-1');
  world.readAdmin = async () => ADMIN;
  happen();
  return attempt(world);
}

function unavailable(kind: ClusterUnavailableError['kind']): ClusterUnavailableError {
  return new ClusterUnavailableError(kind, parseEndpoint(ENDPOINT, LOOPBACK), 'a test');
}

/** The cluster answers logins like this for some time. */
function whileLogin(authenticates: Cluster['authenticates']): Story {
  return {
    fail: async (world) => {
      world.cluster.authenticates = authenticates;
      return await attempt(world);
    },
    follow: (world) => {
      Reflect.deleteProperty(world.cluster, 'authenticates');
    },
    next: 't1',
  };
}

/** The cluster answers changes like this for some time. */
function whileChange(answer: Change): Story {
  return {
    fail: async (world) => {
      world.cluster.changePassword = () => Promise.resolve(answer);
      return await attempt(world);
    },
    follow: (world) => {
      Reflect.deleteProperty(world.cluster, 'changePassword');
    },
    next: 't1',
  };
}
