import { type Change, ClusterUnavailableError } from '../../../../protocol/cluster/cluster.ts';
import { parseEndpoint } from '../../../../protocol/cluster/endpoint.ts';
import { LOOPBACK } from '../../../support/loopback.ts';
import {
  ADMIN,
  document,
  ENDPOINT,
  FIRST_PASSWORD,
  type RotationWorld,
  USER,
} from '../../../support/rotation-world.ts';
import { attempt, during, failsIn, type Stories, type Story, wait, withMethods } from './story.ts';

/** Failures that come from the cluster, its users or the admin. */
export const CLUSTER_STORIES: Stories = {
  CLUSTER_UNREACHABLE: during((world, isWrong) => {
    world.cluster.reachable = !isWrong;
  }),
  CLUSTER_NO_ANSWER: withMethods('cluster', { authenticates: () => Promise.reject(unavailable('no-answer')) }),
  CLUSTER_NOT_READY: withMethods('cluster', { authenticates: () => Promise.reject(unavailable('not-ready')) }),
  CLUSTER_FORBIDS: withMethods('cluster', { authenticates: () => Promise.resolve({ kind: 'forbidden' }) }),
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
  NOT_ENOUGH_TIME: during(
    (world, isWrong) => {
      world.timeout = isWrong ? 12_000 : 60_000;
    },
    failsIn('setSecret', wait),
  ),
  PASSWORD_REFUSED: {
    fail: (world) => {
      world.cluster.refuses = (password) => password === 'Generated-password-1';
      return attempt(world);
    },
    follow: wait,
    next: 't2',
  },
  CHANGE_REFUSED: whileChanging({ kind: 'refused', reason: 'forbidden', answer: 'no' }),
  CLUSTER_NOT_PRIMARY: whileChanging({ kind: 'refused', reason: 'not-primary', answer: 'a secondary' }),
  CHANGE_UNSETTLED: whileChanging({ kind: 'lost', answer: 'cut' }),
  PENDING_REJECTED: {
    fail: failsIn('testSecret', (world) => world.cluster.setByHand(USER, FIRST_PASSWORD)),
    follow: wait,
    next: 't1',
  },
  AUTHORIZATION_OFF: withMethods('cluster', { authenticates: () => Promise.resolve({ kind: 'accepted', roles: [] }) }),
  ADMIN_REJECTED: withAdmin((world, isWrong) => {
    world.cluster.setByHand('root', 'Other-root-1');
    world.readAdmin = async () => (isWrong ? ADMIN : ADMIN.replace('Root-password-0', 'Other-root-1'));
  }),
  ADMIN_REFUSED: withAdmin((world, isWrong) => {
    world.cluster.superUsers = isWrong ? [] : ['root'];
  }),
  RESET_NOT_ALLOWED: withAdmin((world, isWrong) =>
    isWrong ? world.configure({ secretTargets: {} }) : world.pinTarget(),
  ),
  ADMIN_INVALID: withAdmin((world, isWrong) => {
    world.readAdmin = async () => (isWrong ? 'no credential' : ADMIN);
  }),
};

/** No stored password is in force, and something is wrong with the admin or its configuration. */
function withAdmin(set: (world: RotationWorld, isWrong: boolean) => void): Story {
  return during((world, isWrong) => {
    if (isWrong) {
      world.configureAdmin();
      world.cluster.setByHand(USER, 'Set-elsewhere-1');
    }
    set(world, isWrong);
  });
}

function unavailable(kind: ClusterUnavailableError['kind']): ClusterUnavailableError {
  return new ClusterUnavailableError(kind, parseEndpoint(ENDPOINT, LOOPBACK), 'a test');
}

/** The cluster answers changes like this for some time. */
function whileChanging(answer: Change): Story {
  return withMethods('cluster', { changePassword: () => Promise.resolve(answer) });
}
