import { formatSecretTargets, type SecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSPENDING } from '../../../protocol/secret/versions.ts';
import { createFixture } from '../support/command-fixture.ts';
import { A, B } from '../support/init-fixture.ts';
import { addAdmin, addOwnLabels, addSentVersions, leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from '../support/rotations.ts';
import {
  type Ending,
  giveFunction,
  ordersWorld,
  type Stories,
  type Story,
  untilChangedBack,
  type World,
} from './story.ts';

const INIT = 'init orders --username app --yes';
const NEW = `init orders --endpoint ${ENDPOINT} --username app --yes`;
const ADD_SECOND = `init orders --strategy alternating-users --users ${A},${B} --yes`;
const BY_ADMIN = '--admin-secret zilliz-admin';
const KEYS = ['1', '2'].map((id) => `arn:aws:kms:us-east-1:000000000000:key/${id}`);

/** A world in which the secret `orders` does not exist, with an admin. */
async function noSecret(): Promise<World> {
  const fixture = createFixture();
  addAdmin(fixture);
  return Object.defineProperty(fixture as World, 'orders', { get: () => fixture.aws.secret('orders') });
}

/** The world of {@link noSecret}, with a user whose password the person knows. */
async function knownUser(): Promise<World> {
  const world = await noSecret();
  world.cluster.addUser(A, OLD_PASSWORD);
  world.passwords.push(OLD_PASSWORD);
  return world;
}

/** A world whose secret `orders` is in force and not rotated, with an admin. */
async function notRotated(): Promise<World> {
  const world = await ordersWorld();
  world.orders.rotationFunctionArn = undefined;
  world.orders.store.rotationEnabled = false;
  world.cluster.roles = { [A]: ['reader'] };
  world.adminCluster.roles.set(A, ['reader']);
  addAdmin(world);
  return world;
}

function givePassword(password: string): (world: World) => void {
  return ({ passwords }) => void passwords.push(password);
}

/**
 * The cluster is in this state when the person first gives the password. The login proves nothing,
 * so the person gives the password again.
 */
function whileCluster(state: Partial<World['cluster']>, ends: Ending): Story {
  const make = async (): Promise<World> => {
    const world = await knownUser();
    world.passwords.push(OLD_PASSWORD);
    return world;
  };
  return untilChangedBack(NEW, ({ cluster }) => cluster, state, { make, ends });
}

/** The cluster refuses the request of the admin, or its answer is lost. */
function whileAdminFails(request: 'createUser' | 'grantRole', how: 'refused' | 'lost', ends: Ending): Story {
  return {
    make: noSecret,
    cause: ({ adminCluster }) => adminCluster.failing.set(request, how),
    command: `${NEW} ${BY_ADMIN} --role reader`,
    ends,
    follow: [({ adminCluster }) => adminCluster.failing.clear()],
  };
}

function withKey(key: string | undefined, story: Pick<Story, 'command' | 'follow' | 'ends' | 'proof'>): Story {
  return {
    make: notRotated,
    cause: ({ orders }) => {
      orders.kmsKeyId = key;
    },
    ...story,
  };
}

/** Something happens when the command has written the file, before its last login. */
function beforeLastLogin(happen: (world: World) => unknown, end: (world: World) => unknown, ends: Ending): Story {
  return {
    make: notRotated,
    cause: (world) => {
      const set = world.files.set.bind(world.files);
      set('rotation.yaml', '');
      world.files.set = (...entry) => {
        happen(world);
        return set(...entry);
      };
    },
    command: `${INIT} --config rotation.yaml`,
    ends,
    follow: [end],
  };
}

function pin(target: SecretTargets[string]): (world: World) => void {
  return ({ aws }) => {
    aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: target });
  };
}

/** The stack is deployed with the entry of the secret. */
function deploy(world: World): void {
  giveFunction(world);
  world.orders.store.rotationEnabled = true;
  world.orders.rotate = successfulRotation(world.cluster);
}

export const INIT_STORIES: Stories = {
  'init: no endpoint': {
    make: knownUser,
    command: 'init orders --yes',
    ends: [5, '(endpoint-needed)'],
    follow: [`--endpoint ${ENDPOINT}`, '--username app'],
  },
  'init: no username': {
    make: knownUser,
    command: `init orders --endpoint ${ENDPOINT} --yes`,
    ends: [5, '(username-needed)'],
    follow: ['--username app'],
  },
  'init: a host that is not allowed': {
    make: knownUser,
    cause: ({ cluster }) => Object.assign(cluster, { host: 'milvus.example.com' }),
    command: 'init orders --endpoint https://milvus.example.com:19530 --username app --yes',
    ends: [5, '(endpoint-refused)'],
    follow: ['--allow-endpoint milvus.example.com'],
  },
  'init: a wrong endpoint': {
    make: knownUser,
    command: 'init orders --username app --yes --endpoint http://milvus',
    follow: ['without --endpoint', `--endpoint ${ENDPOINT}`],
  },
  'init: no password': {
    make: noSecret,
    cause: ({ cluster }) => cluster.addUser(A, OLD_PASSWORD),
    command: NEW,
    ends: [5, '(password-needed)'],
    follow: [givePassword(OLD_PASSWORD)],
  },
  'init: an empty password': {
    make: knownUser,
    cause: ({ passwords }) => passwords.unshift(''),
    command: NEW,
    ends: [5, '(password-needed)'],
  },
  'init: no password (an admin creates the user)': { make: noSecret, command: NEW, follow: [BY_ADMIN] },
  'init: a wrong password': {
    make: knownUser,
    cause: ({ passwords }) => passwords.unshift('Wrong!1'),
    command: NEW,
    ends: [5, '(password-rejected)'],
  },
  'init: a wrong password (an admin creates the user)': {
    make: noSecret,
    cause: givePassword('Wrong!1'),
    command: NEW,
    follow: [BY_ADMIN],
  },
  'init: authorization is off': whileCluster({ authorization: false }, [3, '(authorization-off)']),
  'init: another machine': whileCluster({ reachable: false }, [7, '(undecided)']),
  'init: marked for deletion': {
    make: notRotated,
    cause: ({ orders }) => {
      orders.deletedAt = 1;
    },
    command: INIT,
    ends: [5, '(marked-for-deletion)'],
    follow: ['aws secretsmanager restore-secret'],
  },
  'init: another key (leave it out)': withKey(KEYS[0], {
    command: `${INIT} --kms-key ${KEYS[1]}`,
    ends: [5, '(other-key)'],
    follow: ['without --kms-key'],
  }),
  'init: another key (change it)': withKey(KEYS[0], {
    command: `${INIT} --kms-key ${KEYS[1]}`,
    follow: ['aws secretsmanager update-secret'],
  }),
  'init: another user': {
    make: notRotated,
    command: 'init orders --username other --yes',
    ends: [5, '(other-user)'],
    proof: INIT,
  },
  'init: another endpoint': {
    make: notRotated,
    command: `${INIT} --endpoint https://other.zillizcloud.com:19530`,
    ends: [5, '(other-endpoint)'],
    follow: ['without --endpoint'],
  },
  'init: other users are configured': {
    cause: pin({ endpoint: ENDPOINT, usernames: [A, 'app_c'] }),
    command: INIT,
    ends: [5, '(other-users-configured)'],
    follow: [pin({ username: A })],
  },
  'init: AWSCURRENT is not in force': {
    make: notRotated,
    cause: async ({ cluster, orders }) => {
      cluster.setByHand(A, NEW_PASSWORD);
      await orders.store.put({ versionId: 'stranded', value: documentOf(NEW_PASSWORD), labels: [] });
    },
    command: INIT,
    ends: [5, '(current-not-in-force)'],
    follow: ['zilliz-rotation repair'],
  },
  'init: copies of the user': {
    make: notRotated,
    cause: ({ orders }) => orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { login_name: A })),
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    ends: [5, '(stale-user-copies)'],
    follow: [({ orders }) => orders.store.storeByHand('v3', documentOf(OLD_PASSWORD))],
  },
  'init: a user that administers the cluster': {
    make: knownUser,
    command: `init orders --endpoint ${ENDPOINT} --username root --yes`,
    proof: NEW,
  },
  'init: a rotation is incomplete': {
    make: notRotated,
    cause: ({ orders }) => leavePending(orders, [AWSPENDING]),
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    ends: [5, '(rotation-incomplete)'],
    follow: ['zilliz-rotation repair'],
  },
  'init: no room for labels (repair)': {
    make: notRotated,
    cause: async ({ orders }) => {
      await addSentVersions(orders, 9);
      await addOwnLabels(orders, 8);
    },
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    ends: [5, '(labels-full)', 'Remove 1 of your own labels.'],
    follow: [
      'zilliz-rotation repair',
      ({ orders }) => orders.store.removeLabel({ label: 'owner-1', from: 'orders-v1' }),
    ],
  },
  'init: no room for labels (own labels)': {
    make: notRotated,
    cause: ({ orders }) => addOwnLabels(orders, 16),
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    ends: [5, '(labels-full)'],
    follow: [({ orders }) => orders.store.removeLabel({ label: 'owner-1', from: 'orders-v1' })],
  },
  'init: the cluster refuses the admin': {
    make: noSecret,
    cause: ({ adminCluster }) => adminCluster.admins.clear(),
    command: `${NEW} ${BY_ADMIN}`,
    ends: [3, '(admin-refused)'],
    follow: [({ adminCluster }) => adminCluster.admins.add('root_admin:Adm/in"Pass1')],
  },
  'init: the cluster does not create the user': whileAdminFails('createUser', 'refused', [3, '(create-refused)']),
  'init: no answer to the creation': whileAdminFails('createUser', 'lost', [3, '(unsettled)']),
  'init: the cluster does not grant the role': whileAdminFails('grantRole', 'refused', [
    3,
    '(roles-missing)',
    'did not confirm these roles of app: reader',
  ]),
  'init: the configuration cannot be written': {
    make: notRotated,
    cause: ({ files }) => {
      files.set('rotation.yaml', '');
      files.set = () => {
        throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      };
    },
    command: `${INIT} --config rotation.yaml`,
    follow: [({ files }) => Reflect.deleteProperty(files, 'set')],
  },
  'init: somebody else has created the secret': {
    make: knownUser,
    cause: ({ aws }) => {
      const { createSecret } = aws.rotation;
      aws.rotation.createSecret = (secret) => {
        aws.rotation.createSecret = createSecret;
        aws.add('orders', documentOf(OLD_PASSWORD), { rotationFunctionArn: undefined });
        return createSecret(secret);
      };
    },
    command: NEW,
  },
  'init: the password changes during the command': beforeLastLogin(
    ({ cluster }) => cluster.setByHand(A, 'Unknown!1'),
    ({ cluster }) => cluster.setByHand(A, OLD_PASSWORD),
    [3, '(login-rejected)'],
  ),
  'init: the cluster becomes unreachable during the command': beforeLastLogin(
    ({ cluster }) => Object.assign(cluster, { reachable: false }),
    ({ cluster }) => Object.assign(cluster, { reachable: true }),
    [7, '(undecided)'],
  ),
  'init: roles that an admin grants': {
    make: notRotated,
    cause: ({ cluster, passwords }) => {
      cluster.addUser(B, NEW_PASSWORD).roles = { [A]: ['reader'], [B]: ['writer'] };
      passwords.push(NEW_PASSWORD);
    },
    command: ADD_SECOND,
    follow: [({ cluster }) => Object.assign(cluster, { roles: { [A]: ['reader'], [B]: ['reader'] } })],
  },
  'init: the entry is added and deployed': {
    make: notRotated,
    command: INIT,
    follow: [deploy, 'zilliz-rotation rotate'],
    proof: 'status orders',
  },
  'init: the entry is in the file': {
    make: notRotated,
    cause: ({ files }) => files.set('rotation.yaml', ''),
    command: `${INIT} --config rotation.yaml`,
    follow: [deploy, 'zilliz-rotation rotate'],
    proof: 'status orders',
  },
  'init: the function rotates the secret': {
    command: INIT,
    follow: ['zilliz-rotation rotate'],
    proof: 'status orders',
  },
  'init: a key that is no ARN': withKey('alias/orders', { command: INIT, follow: [deploy], proof: 'status orders' }),
  'init: an entry with other users': {
    make: notRotated,
    cause: ({ files }) => files.set('rotation.yaml', 'secrets:\n  - name: orders\n    username: other\n'),
    command: `${INIT} --config rotation.yaml`,
    ends: [0, 'orders: in order'],
    follow: [({ files }) => files.set('rotation.yaml', `secrets:\n  - name: orders\n    username: ${A}\n`)],
  },
};
