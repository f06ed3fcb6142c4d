import { toAwsError } from '../../../cli/aws/aws-error.ts';
import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { OFF_ON_PURPOSE } from '../../../protocol/secret/off-on-purpose.ts';
import { formatSecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import { sentLabel } from '../../../protocol/secret/versions.ts';
import { document, SECOND_USER, USER } from '../../support/rotation-world.ts';
import { SECRET } from '../support/alternating-fixture.ts';
import { addAdmin, addOwnLabels, addSentVersions, leavePending } from '../support/repair-fixture.ts';
import { documentOf, documentOfUser, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import {
  giveFunction,
  type Step,
  type Stories,
  type Story,
  twoUsersWorld,
  untilChangedBack,
  type World,
} from './story.ts';

const STATUS = 'status orders';
const STATUS_OF_TWO = `status ${SECRET}`;
const OTHER_HOST = 'milvus.example.com';
const ADMIN = { 'ADMIN-SECRET': 'zilliz-admin' };

/** Another secret with the same user. */
function copyOfOrders({ aws }: World, password: string): void {
  aws.add('copy', documentOf(password));
}

/** Applications read one secret now, and the other secret is deleted. */
const deleteCopy = ({ aws }: World): boolean => aws.secrets.delete('copy');

/** Somebody changed the password, and no version holds it. */
function losePassword(world: World): void {
  world.cluster.setByHand('app', 'Unknown!1');
  world.orders.store.lastRotatedAt = 1;
  addAdmin(world);
}

const ordersOf = ({ orders }: World): World['orders'] => orders;
const clusterOf = ({ cluster }: World): World['cluster'] => cluster;

function pin(username: string): (world: World) => void {
  return ({ aws }) => {
    aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username } });
  };
}

/** Somebody has stored a value. */
function edited(value: string, follow: readonly Step[], more: Partial<Story> = {}): Story {
  return {
    cause: ({ orders }) => orders.store.storeByHand('v2', value),
    command: STATUS,
    follow,
    ...more,
  };
}

function storeValue(value: string): (world: World) => void {
  return ({ orders }) => orders.store.storeByHand('v3', value);
}

/** About the secret of {@link twoUsersWorld}. */
function ofTwo(story: Omit<Story, 'make' | 'command'>): Story {
  return { make: twoUsersWorld, command: STATUS_OF_TWO, ...story };
}

function giveRoles(first: readonly string[], second: readonly string[]): (world: World) => void {
  return ({ cluster }) => {
    cluster.roles = { [USER]: first, [SECOND_USER]: second };
  };
}

/** By the code of the finding. */
export const STATUS_STORIES: Stories = {
  'undecided: the host is not allowed': {
    cause: ({ cluster, orders }) => {
      Object.assign(cluster, { host: OTHER_HOST });
      orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { endpoint: `https://${OTHER_HOST}:19530` }));
    },
    command: STATUS,
    follow: [`--allow-endpoint ${OTHER_HOST}`],
  },
  'undecided: the secret names no endpoint': edited(documentOf(OLD_PASSWORD, { endpoint: undefined }), [
    `--endpoint ${ENDPOINT}`,
  ]),
  'undecided: another machine': untilChangedBack(
    STATUS,
    clusterOf,
    { reachable: false },
    { ends: [7, '(undecided)', 'in force not known', 'unreachable'] },
  ),
  'undecided: a private authority': {
    cause: ({ cluster, clusterConnections, files }) => {
      const authenticates = cluster.authenticates.bind(cluster);
      files.set('ca.pem', '-----BEGIN CERTIFICATE-----');
      cluster.authenticates = async (credentials) => {
        if (clusterConnections.at(-1)?.privateCa === undefined) {
          throw new ClusterUnavailableError('unreachable', credentials.endpoint, 'self-signed certificate in chain');
        }
        return await authenticates(credentials);
      };
    },
    command: STATUS,
    follow: ['--ca-file ca.pem'],
  },
  'undecided: the other user': ofTwo({
    cause: ({ cluster }) => {
      const authenticates = cluster.authenticates.bind(cluster);
      cluster.authenticates = (credentials) =>
        credentials.username === SECOND_USER
          ? Promise.reject(new ClusterUnavailableError('no-answer', credentials.endpoint, 'a test'))
          : authenticates(credentials);
    },
    follow: [({ cluster }) => Reflect.deleteProperty(cluster, 'authenticates')],
  }),
  'authorization-off': untilChangedBack(
    STATUS,
    clusterOf,
    { authorization: false },
    { ends: [3, '(authorization-off)', 'in force not known: authorization is off'] },
  ),
  'unusable-secret': edited('no credential', [storeValue(documentOf(OLD_PASSWORD))]),
  'stale-copies': edited(
    documentOf(OLD_PASSWORD, { dsn: `password=${OLD_PASSWORD}` }),
    [storeValue(documentOf(OLD_PASSWORD))],
    { ends: [3, 'problem AWSCURRENT repeats the password in "dsn", in a form that neither', '(stale-copies)'] },
  ),
  'current-not-in-force': edited(documentOf(NEW_PASSWORD), ['zilliz-rotation repair'], {
    ends: [3, 'in force version orders-v1, not AWSCURRENT'],
  }),
  'none-in-force: AWSCURRENT was stored by mistake': edited(documentOfUser('nobody', 'Wrong!1'), [
    'zilliz-rotation repair orders --restore-previous',
  ]),
  'unusable-secret: AWSCURRENT was stored by mistake': edited(
    'no credential',
    ['zilliz-rotation repair orders --restore-previous'],
    { ends: [3, /stored by mistake, .* which the cluster accepts\. Otherwise: Store a valid credential/] },
  ),
  'none-in-force: an admin sets a new password': {
    cause: losePassword,
    command: STATUS,
    ends: [
      3,
      'in force none of the stored versions',
      'The cluster rejects every stored password',
      'Probably somebody changed the password outside this secret.',
      'while its proxies cannot reach the root coordinator',
    ],
    follow: ['zilliz-rotation repair'],
    values: ADMIN,
  },
  'none-in-force: a reset in the console': {
    cause: losePassword,
    command: STATUS,
    follow: [
      ({ cluster, orders }) => {
        cluster.setByHand('app', 'Console!1');
        orders.store.storeByHand('v2', documentOf('Console!1'));
      },
    ],
  },
  'none-in-force: a placeholder': {
    cause: ({ cluster, passwords }) => {
      cluster.setByHand('app', 'Console!1');
      passwords.push('Console!1');
    },
    command: STATUS,
    ends: [3, 'this value is a placeholder, and nobody has stored the password yet'],
    follow: ['zilliz-rotation init'],
  },
  'none-in-force: a denied version': {
    cause: ({ orders }) => {
      orders.store.undecryptable.add('orders-v1');
      orders.store.storeByHand('v2', documentOf(NEW_PASSWORD));
    },
    command: STATUS,
    follow: [({ orders }) => orders.store.undecryptable.clear(), 'again', 'zilliz-rotation repair'],
  },
  'none-in-force: the other user has its turn': ofTwo({
    reads: 'put-secret-value',
    cause: ({ cluster }) => cluster.setByHand(USER, 'Unknown-1'),
    ends: [3, '(none-in-force)'],
    follow: [
      'zilliz-rotation rotate',
      'again',
      ({ cluster }) => cluster.setByHand(USER, 'Set-by-admin-1'),
      'aws secretsmanager put-secret-value',
    ],
    values: { ID: 'by-hand' },
    files: { 'second.json': document('Set-by-admin-1') },
  }),
  'none-in-force: another secret has the user': {
    reads: 'delete',
    cause: (world) => {
      world.cluster.setByHand('app', NEW_PASSWORD);
      copyOfOrders(world, NEW_PASSWORD);
    },
    command: STATUS,
    follow: [
      'zilliz-rotation status',
      deleteCopy,
      ({ orders }) => orders.store.storeByHand('v2', documentOf(NEW_PASSWORD)),
    ],
  },
  clash: {
    cause: (world) => copyOfOrders(world, OLD_PASSWORD),
    command: 'status orders copy',
    follow: [deleteCopy],
    proof: STATUS,
  },
  'same-user: rotate': {
    reads: 'delete',
    cause: (world) => copyOfOrders(world, OLD_PASSWORD),
    command: 'rotate orders',
    follow: [deleteCopy],
  },
  'same-user: an admin sets no new password': {
    reads: 'delete',
    cause: (world) => {
      losePassword(world);
      copyOfOrders(world, 'Unknown!1');
    },
    command: 'repair orders --admin-secret zilliz-admin --yes',
    ends: [5, '(same-user)', 'A new password for orders makes the password of copy wrong.'],
    follow: ['zilliz-rotation status', deleteCopy],
  },
  'labels-full: sent labels': {
    cause: async (world) => {
      await addSentVersions(world.orders, 9);
      await addOwnLabels(world.orders, 8);
    },
    command: STATUS,
    follow: ['zilliz-rotation repair'],
  },
  'labels-full: own labels': {
    cause: ({ orders }) => addOwnLabels(orders, 17),
    command: STATUS,
    follow: [
      'aws secretsmanager update-secret-version-stage',
      ({ orders }) => orders.store.removeLabel({ label: 'owner-2', from: 'orders-v1' }),
    ],
    values: { LABEL: 'owner-1', VERSION: 'orders-v1' },
  },
  'marked-for-deletion': untilChangedBack(
    STATUS,
    ordersOf,
    { deletedAt: 1 },
    { follow: ['aws secretsmanager restore-secret'] },
  ),
  'rotation-cancelled': {
    cause: async ({ orders }) => {
      await leavePending(orders);
      orders.store.rotationEnabled = false;
    },
    command: STATUS,
    ends: [3, '(rotation-cancelled)', 'rotation off, function zilliz-rotation'],
    follow: ['zilliz-rotation repair'],
  },
  'rotation-incomplete': {
    cause: ({ orders }) => leavePending(orders),
    command: STATUS,
    follow: ['zilliz-rotation repair'],
  },
  overdue: {
    cause: ({ clock, orders }) => {
      orders.nextRotationAt = clock.now() - 1;
    },
    command: STATUS,
    ends: [3, 'OVERDUE', '(overdue)'],
    follow: [
      'zilliz-rotation rotate',
      // Secrets Manager sets the next date.
      ({ orders }) => Object.assign(orders, { nextRotationAt: undefined }),
    ],
  },
  'rotation-off-on-purpose': {
    cause: ({ orders }) => {
      orders.store.rotationEnabled = false;
      orders.store.tags[OFF_ON_PURPOSE.key] = OFF_ON_PURPOSE.value;
    },
    command: STATUS,
    ends: [0, 'notice Rotation is off on purpose: the secret has the tag zilliz:rotation=off.'],
    follow: ['aws secretsmanager untag-resource', 'zilliz-rotation status', 'aws secretsmanager rotate-secret'],
  },
  'rotation-off: never configured': {
    reads: 'deleted',
    cause: ({ orders }) => {
      orders.store.rotationEnabled = false;
      orders.rotationFunctionArn = undefined;
    },
    command: STATUS,
    follow: [(world) => Object.assign(world.orders.store, { rotationEnabled: true }), giveFunction],
  },
  'user-not-pinned: store the credential': {
    cause: (world) => {
      pin('pinned')(world);
      world.cluster.addUser('pinned', NEW_PASSWORD);
    },
    command: STATUS,
    ends: [3, '(user-not-pinned)'],
    follow: [({ orders }) => orders.store.storeByHand('v2', documentOfUser('pinned', NEW_PASSWORD))],
  },
  'user-not-pinned: correct the configuration': { cause: pin('pinned'), command: STATUS, follow: [pin('app')] },
  'roles-not-confirmed': {
    cause: (world) => {
      addAdmin(world);
      world.orders.store.tags['zilliz:roles-of:app'] = 'reader';
    },
    command: STATUS,
    follow: ['zilliz-rotation repair'],
    values: ADMIN,
  },
  'other-user-not-in-force: a denied version': ofTwo({
    cause: ({ orders }) => orders.store.undecryptable.add('v-second'),
    ends: [3, '(other-user-not-in-force)', `other ${SECOND_USER}, no stored version is in force`],
    follow: [({ orders }) => orders.store.undecryptable.clear()],
  }),
  'other-user-unlabelled': ofTwo({
    cause: ({ orders }) => orders.store.removeLabel({ label: sentLabel('v-second'), from: 'v-second' }),
    ends: [3, '(other-user-unlabelled)'],
    follow: ['zilliz-rotation repair'],
  }),
  'roles-differ': ofTwo({
    cause: giveRoles(['reader', 'writer'], ['admin', 'reader']),
    ends: [3, `Only ${USER} has: writer. Only ${SECOND_USER} has: admin. (roles-differ)`],
    follow: [giveRoles(['reader', 'writer'], ['writer', 'reader'])],
  }),
  'roles-differ: only one user has more': ofTwo({
    cause: giveRoles(['reader'], []),
    ends: [3, `what applications may do. Only ${USER} has: reader. (roles-differ)`],
    follow: [giveRoles(['reader'], ['reader'])],
  }),
  'the log of a function that is gone': {
    cause: ({ aws, orders }) => {
      aws.inspection.account.rotationFunction = undefined;
      aws.failing.set('GetFunctionConfiguration', 'not-found');
      orders.logError = 'not-found';
    },
    command: 'history orders',
    follow: [
      'zilliz-rotation status',
      ({ aws, orders }) => {
        aws.failing.clear();
        orders.logError = undefined;
      },
    ],
  },
  'a log that AWS denies': untilChangedBack('history orders', ordersOf, { logError: 'access-denied' }),
  'credentials-missing: a profile': {
    cause: ({ aws }) => {
      const { describeSecret } = aws.rotation;
      const missing = Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' });
      aws.rotation.describeSecret = async (secretId) => {
        aws.rotation.describeSecret = describeSecret;
        throw toAwsError('DescribeSecret', missing, secretId);
      };
    },
    command: STATUS,
    follow: [
      { run: 'aws configure list-profiles', does: () => undefined },
      { run: 'aws sso login', does: () => undefined },
    ],
  },
  'a fault of the command': {
    cause: ({ aws }) => {
      const { describeSecret } = aws.rotation;
      aws.rotation.describeSecret = () => {
        aws.rotation.describeSecret = describeSecret;
        return Promise.reject(new TypeError('a fault'));
      };
    },
    command: STATUS,
    follow: ['zilliz-rotation status'],
    values: { SECRET: 'orders' },
  },
};
