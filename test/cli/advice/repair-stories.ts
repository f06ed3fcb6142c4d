import type { Change } from '../../../protocol/cluster/cluster.ts';
import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { addAdmin, adminSecret, afterFirstRemoval, beforeLogin, leavePending } from '../support/repair-fixture.ts';
import { documentOf, documentOfUser, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import { type Ending, ordersWorld, type Step, type Stories, type Story, type World } from './story.ts';

const STATUS = 'status orders';
const REPAIR = 'repair orders --yes';
const RESET = `${REPAIR} --admin-secret zilliz-admin`;
const RESTORE = `${REPAIR} --restore-previous`;
const PRIMARY = 'primary.aws-us-west-2.vectordb.zillizcloud.com';

/** A world in which no stored password is in force, and an admin can set a new one. */
async function lostPassword(): Promise<World> {
  const world = await ordersWorld();
  world.cluster.setByHand('app', 'Unknown!1');
  addAdmin(world);
  world.adminCluster.roles.set('app', ['reader']);
  return world;
}

/** An admin sets a new password, or cannot. */
function reset(story: Omit<Story, 'make' | 'command'>): Story {
  return { make: lostPassword, command: RESET, ...story };
}

function edited(more: Partial<Story>): Story {
  return {
    cause: ({ orders }) => orders.store.storeByHand('v2', documentOf(NEW_PASSWORD)),
    command: REPAIR,
    ...more,
  };
}

/** What the person does who resets the password in the console of the cluster. */
const resetInConsole: Step = ({ cluster, orders }) => {
  cluster.setByHand('app', 'Console!1');
  orders.store.storeByHand('by-hand', documentOf('Console!1'));
};

/** The cluster answers the reset like this until the person has removed the cause. */
function whileReset(answer: Change, code: string, follow: readonly Step[] = [], more: Partial<Story> = {}): Story {
  return {
    make: lostPassword,
    cause: ({ cluster }) => Object.assign(cluster, { resetPassword: () => Promise.resolve(answer) }),
    command: RESET,
    ends: [3, `(${code})`],
    follow: [({ cluster }) => Reflect.deleteProperty(cluster, 'resetPassword'), ...follow],
    ...more,
  };
}

function refused(reason: Extract<Change, { kind: 'refused' }>['reason']): Change {
  return { kind: 'refused', reason, answer: 'a test' };
}

/** AWSCURRENT is not in force. The login before the label moves does not prove the password. */
function beforeTheMove(happen: (world: World) => unknown, end: Step, ends: Ending): Story {
  return {
    cause: (world) => {
      world.orders.store.storeByHand('v2', documentOf(NEW_PASSWORD));
      // The first two logins are of the search.
      beforeLogin(world, 3, () => void happen(world));
    },
    command: REPAIR,
    ends,
    follow: [end],
  };
}

/** After the last label has moved, the cluster is unreachable or checks no passwords. */
function afterTheMove(state: Partial<World['cluster']>, code: string): Story {
  return {
    cause: async ({ cluster, orders }) => {
      await leavePending(orders);
      afterFirstRemoval(orders, () => Object.assign(cluster, state));
    },
    command: REPAIR,
    ends: [7, `(${code})`, 'Every step is done.'],
    follow: [reachable, authorized],
  };
}

const reachable: Step = ({ cluster }) => Object.assign(cluster, { reachable: true });
const authorized: Step = ({ cluster }) => Object.assign(cluster, { authorization: true });

export const REPAIR_STORIES: Stories = {
  'repair: nobody agreed': edited({
    command: 'repair orders',
    ends: [5, '(consent-needed)', '1. Move AWSCURRENT from version v2 to version orders-v1'],
    follow: ['--yes'],
  }),
  'repair: declined': edited({ command: 'repair orders', answer: 'no', proof: REPAIR }),
  'repair: rotate after the repair': edited({ follow: ['zilliz-rotation rotate'], proof: STATUS }),
  'repair: a label of the owner is in the way': {
    cause: async ({ orders }) => {
      await leavePending(orders, ['AWSPENDING']);
      orders.store.addLabel = () =>
        Promise.reject(
          new SecretStoreError({
            action: 'UpdateSecretVersionStage',
            code: 'LimitExceededException',
            kind: 'refused',
            explanation: 'more than 20 labels',
          }),
        );
    },
    command: REPAIR,
    follow: [({ orders }) => Reflect.deleteProperty(orders.store, 'addLabel')],
  },
  'repair: the admin secret is wrong': reset({
    cause: ({ aws }) => aws.secret('zilliz-admin').store.storeByHand('v2', 'no credential'),
    ends: [5, '(unusable-admin-secret)'],
    follow: [
      ({ aws }) => aws.secret('zilliz-admin').store.storeByHand('v3', adminSecret('root_admin', 'Adm/in"Pass1')),
    ],
  }),
  'repair: another admin secret': {
    make: lostPassword,
    cause: ({ aws }) => aws.add('empty', 'no credential'),
    command: `${REPAIR} --admin-secret empty`,
    follow: ['without --admin-secret', '--admin-secret zilliz-admin'],
  },
  'repair: an admin secret without an endpoint': reset({
    cause: (world) => {
      const value = JSON.stringify({ username: 'root_admin', password: 'Adm/in"Pass1' });
      world.aws.secret('zilliz-admin').store.storeByHand('v2', value);
    },
    follow: ['--endpoint https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530'],
  }),
  'repair: the cluster refuses the admin': reset({
    cause: ({ adminCluster }) => adminCluster.admins.clear(),
    ends: [3, '(admin-refused)'],
    follow: [({ adminCluster }) => adminCluster.admins.add('root_admin:Adm/in"Pass1')],
  }),
  'repair: the cluster cannot be reached by the admin': reset({
    cause: (world) => {
      const { describeUser } = world.adminCluster;
      world.adminCluster.describeUser = (...request) => {
        world.adminCluster.describeUser = describeUser;
        world.cluster.reachable = false;
        return describeUser(...request);
      };
    },
    ends: [7, '(cluster-unavailable)'],
    follow: [reachable],
  }),
  'repair: a user that administers the cluster': reset({
    cause: (world) => {
      world.cluster.addUser('root', 'Unknown!1');
      world.orders.store.storeByHand('v2', documentOfUser('root', 'Lost!1'));
      world.orders.store.storeByHand('v3', documentOfUser('root', 'Lost!2'));
    },
    follow: [
      ({ cluster, orders }) => {
        cluster.setByHand('root', 'Console!1');
        orders.store.storeByHand('by-hand', documentOfUser('root', 'Console!1'));
      },
    ],
    proof: STATUS,
  }),
  'repair: no such user': reset({
    cause: ({ cluster }) => cluster.dropUser('app'),
    follow: ['--recreate-user', '--role reader'],
  }),
  'repair: the user was dropped meanwhile': whileReset(refused('unknown-user'), 'no-such-user', [
    ({ cluster }) => cluster.dropUser('app'),
    '--recreate-user',
    '--role reader',
  ]),
  'repair: the cluster rejects the admin': whileReset(refused('unauthenticated'), 'admin-rejected', [], {
    command: `${RESET} --recreate-user`,
  }),
  'repair: the old password is needed (reset in the console)': whileReset(
    refused('old-password'),
    'old-password-needed',
    [resetInConsole],
    { proof: STATUS },
  ),
  'repair: the old password is needed (list the admin)': whileReset(refused('old-password'), 'old-password-needed'),
  'repair: the old password is needed (recreate the user)': reset({
    cause: ({ cluster }) => Object.assign(cluster, { superUsers: [] }),
    ends: [3, '(old-password-needed)', 'common.security.superUsers'],
    follow: ['--recreate-user'],
  }),
  'repair: the admin may not change the user': whileReset(refused('forbidden'), 'admin-forbidden'),
  'repair: the cluster refuses the password': whileReset(
    refused('new-password'),
    'password-refused',
    [resetInConsole],
    { proof: STATUS },
  ),
  'repair: the cluster is a secondary': whileReset(refused('not-primary'), 'not-primary', [
    ({ aws, cluster, orders }) => {
      const endpoint = `https://${PRIMARY}:19530`;
      Object.assign(cluster, { host: PRIMARY });
      orders.store.storeByHand('by-hand', documentOf(OLD_PASSWORD, { endpoint }));
      aws
        .secret('zilliz-admin')
        .store.storeByHand('v2', JSON.stringify({ endpoint, username: 'root_admin', password: 'Adm/in"Pass1' }));
    },
  ]),
  'repair: no answer to the reset': whileReset({ kind: 'lost', answer: 'a test' }, 'unsettled'),
  'repair: the roles are changing': {
    make: lostPassword,
    cause: (world) => {
      world.cluster.superUsers = [];
      const { describeUser } = world.adminCluster;
      let changes = 6;
      world.adminCluster.describeUser = async (...request) => {
        changes -= 1;
        if (changes >= 0) {
          world.adminCluster.roles.set('app', [`role_${changes}`]);
        }
        return await describeUser(...request);
      };
    },
    command: `${RESET} --recreate-user`,
    ends: [3, '(roles-changing)'],
  },
  'repair: the user was not created again': {
    make: lostPassword,
    cause: ({ adminCluster, cluster }) => {
      cluster.superUsers = [];
      adminCluster.failing.set('createUser', 'refused');
    },
    command: `${RESET} --recreate-user`,
    ends: [3, '(create-failed)', 'app was not created again', 'again with --recreate-user --role reader.'],
    follow: [({ adminCluster }) => adminCluster.failing.clear(), '--recreate-user', '--role reader'],
  },
  'repair: nothing to restore': {
    command: RESTORE,
    ends: [5, '(not-needed)'],
    follow: ['without --restore-previous'],
  },
  'repair: no AWSPREVIOUS': {
    cause: ({ cluster }) => cluster.setByHand('app', 'Unknown!1'),
    command: RESTORE,
    ends: [5, '(no-previous)'],
    follow: [resetInConsole],
    proof: STATUS,
  },
  'repair: a password changes before the labels move': beforeTheMove(
    ({ cluster }) => cluster.setByHand('app', 'Unknown!1'),
    ({ cluster }) => cluster.setByHand('app', OLD_PASSWORD),
    [5, '(changed-meanwhile)'],
  ),
  'repair: authorization is switched off before the labels move': beforeTheMove(
    ({ cluster }) => Object.assign(cluster, { authorization: false }),
    authorized,
    [7, '(authorization-off)'],
  ),
  'repair: somebody moves a label': {
    cause: ({ orders }) => {
      orders.store.storeByHand('v2', documentOf(NEW_PASSWORD));
      const promote = orders.store.promote.bind(orders.store);
      orders.store.promote = async () => {
        orders.store.promote = promote;
        return 'moved';
      };
    },
    command: REPAIR,
    ends: [5, '(changed-meanwhile)'],
  },
  'repair: the cluster becomes unreachable after the last step': afterTheMove(
    { reachable: false },
    'cluster-unavailable',
  ),
  'repair: authorization is switched off after the last step': afterTheMove(
    { authorization: false },
    'authorization-off',
  ),
  'repair: the password changes after each of three plans': {
    cause: async ({ cluster, orders }) => {
      await leavePending(orders);
      cluster.setByHand('app', NEW_PASSWORD);
      const promote = orders.store.promote.bind(orders.store);
      let left = 3;
      orders.store.promote = async (move) => {
        left -= 1;
        if (left >= 0) {
          cluster.setByHand('app', move.to === 'token-1' ? OLD_PASSWORD : NEW_PASSWORD);
        }
        return await promote(move);
      };
    },
    command: REPAIR,
  },
  'repair: a rotation starts before each reset': reset({
    cause: (world) => {
      const { describeUser } = world.adminCluster;
      let left = 3;
      world.adminCluster.describeUser = async (...request) => {
        left -= 1;
        if (left >= 0) {
          world.orders.store.removePendingByHand();
          world.orders.store.startRotation(`token-${left}`);
        }
        return await describeUser(...request);
      };
    },
  }),
};
