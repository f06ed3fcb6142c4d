import { formatSecretTargets } from '../../../secret/rotated-secrets.ts';
import { AWSPENDING } from '../../../secret/versions.ts';
import { createFixture } from '../support/command-fixture.ts';
import { A, B } from '../support/init-fixture.ts';
import { addAdmin, leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD, successfulRotation } from '../support/rotations.ts';
import { ordersWorld, type Stories, type World } from './story.ts';

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

function pin(username: string): (world: World) => void {
  return ({ aws }) => {
    aws.environment['SECRET_TARGETS'] = formatSecretTargets({ orders: { username } });
  };
}

/** The stack is deployed with the entry of the secret. */
function deploy({ aws, cluster, orders }: World): void {
  orders.rotationFunctionArn = aws.add(
    'other',
    documentOf('Other-1', { username: 'other', token: undefined }),
  ).rotationFunctionArn;
  orders.store.rotationEnabled = true;
  orders.rotate = successfulRotation(cluster);
}

export const INIT_STORIES: Stories = {
  'init: no endpoint': {
    make: noSecret,
    cause: (world) => {
      world.cluster.addUser(A, OLD_PASSWORD);
      world.passwords.push(OLD_PASSWORD);
    },
    command: 'init orders --yes',
    follow: [`--endpoint ${ENDPOINT}`, '--username app'],
  },
  'init: a host that is not allowed': {
    make: noSecret,
    cause: (world) => {
      Object.assign(world.cluster.addUser(A, OLD_PASSWORD), { host: 'milvus.example.com' });
      world.passwords.push(OLD_PASSWORD);
    },
    command: 'init orders --endpoint https://milvus.example.com:19530 --username app --yes',
    follow: ['--allow-endpoint milvus.example.com'],
  },
  'init: a wrong endpoint': {
    make: noSecret,
    cause: (world) => {
      world.cluster.addUser(A, OLD_PASSWORD);
      world.passwords.push(OLD_PASSWORD);
    },
    command: 'init orders --username app --yes --endpoint http://milvus',
    follow: ['without --endpoint', `--endpoint ${ENDPOINT}`],
  },
  'init: no password': {
    make: noSecret,
    cause: ({ cluster }) => cluster.addUser(A, OLD_PASSWORD),
    command: NEW,
    follow: [givePassword(OLD_PASSWORD)],
  },
  'init: no password (an admin creates the user)': { make: noSecret, command: NEW, follow: [BY_ADMIN] },
  'init: a wrong password': {
    make: noSecret,
    cause: ({ cluster, passwords }) => {
      cluster.addUser(A, OLD_PASSWORD);
      passwords.push('Wrong!1');
    },
    command: NEW,
    follow: [givePassword(OLD_PASSWORD)],
  },
  'init: a wrong password (an admin creates the user)': {
    make: noSecret,
    cause: givePassword('Wrong!1'),
    command: NEW,
    follow: [BY_ADMIN],
  },
  'init: authorization is off': {
    make: noSecret,
    cause: ({ cluster, passwords }) => {
      cluster.addUser(A, OLD_PASSWORD).authorization = false;
      passwords.push(OLD_PASSWORD, OLD_PASSWORD);
    },
    command: NEW,
    follow: [({ cluster }) => Object.assign(cluster, { authorization: true })],
  },
  'init: another machine': {
    make: noSecret,
    cause: ({ cluster, passwords }) => {
      cluster.addUser(A, OLD_PASSWORD).reachable = false;
      passwords.push(OLD_PASSWORD, OLD_PASSWORD);
    },
    command: NEW,
    follow: [({ cluster }) => Object.assign(cluster, { reachable: true })],
  },
  'init: marked for deletion': {
    make: notRotated,
    cause: ({ orders }) => {
      orders.deletedAt = 1;
    },
    command: INIT,
    follow: ['aws secretsmanager restore-secret'],
  },
  'init: another key (leave it out)': {
    make: notRotated,
    cause: ({ orders }) => {
      orders.kmsKeyId = KEYS[0];
    },
    command: `${INIT} --kms-key ${KEYS[1]}`,
    follow: ['without --kms-key'],
  },
  'init: another key (change it)': {
    make: notRotated,
    cause: ({ orders }) => {
      orders.kmsKeyId = KEYS[0];
    },
    command: `${INIT} --kms-key ${KEYS[1]}`,
    follow: ['aws secretsmanager update-secret'],
  },
  'init: another user': { make: notRotated, command: 'init orders --username other --yes', proof: INIT },
  'init: another endpoint': {
    make: notRotated,
    command: `${INIT} --endpoint https://other.zillizcloud.com:19530`,
    follow: ['without --endpoint'],
  },
  'init: other users are configured': { cause: pin('pinned'), command: INIT, follow: [pin(A)] },
  'init: AWSCURRENT is not in force': {
    make: notRotated,
    cause: ({ orders }) => orders.store.storeByHand('v2', documentOf(NEW_PASSWORD)),
    command: INIT,
    follow: ['zilliz-rotation repair'],
  },
  'init: copies of the user': {
    make: notRotated,
    cause: ({ orders }) => orders.store.storeByHand('v2', documentOf(OLD_PASSWORD, { login_name: A })),
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    follow: [({ orders }) => orders.store.storeByHand('v3', documentOf(OLD_PASSWORD))],
  },
  'init: a user that administers the cluster': {
    make: noSecret,
    cause: ({ cluster, passwords }) => {
      cluster.addUser(A, OLD_PASSWORD);
      passwords.push(OLD_PASSWORD);
    },
    command: `init orders --endpoint ${ENDPOINT} --username root --yes`,
    proof: NEW,
  },
  'init: a rotation is incomplete': {
    make: notRotated,
    cause: ({ orders }) => leavePending(orders, [AWSPENDING]),
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    follow: ['zilliz-rotation repair'],
  },
  'init: no room for labels (repair)': {
    make: notRotated,
    cause: async ({ orders }) => {
      for (let index = 1; index <= 9; index++) {
        const versionId = `sent-${index}`;
        await orders.store.put({
          versionId,
          value: documentOf(`Sent!Pass${index}`),
          labels: [`zilliz-sent:${versionId}`],
        });
      }
      for (let index = 1; index <= 8; index++) {
        await orders.store.addLabel({ label: `owner-${index}`, to: 'orders-v1' });
      }
    },
    command: `${ADD_SECOND} ${BY_ADMIN}`,
    follow: [
      'zilliz-rotation repair',
      ({ orders }) => orders.store.removeLabel({ label: 'owner-1', from: 'orders-v1' }),
    ],
  },
  'init: the cluster does not create the user': {
    make: noSecret,
    cause: ({ adminCluster }) => adminCluster.failing.set('createUser', 'refused'),
    command: `${NEW} ${BY_ADMIN}`,
    follow: [({ adminCluster }) => adminCluster.failing.clear()],
  },
  'init: no answer to the creation': {
    make: noSecret,
    cause: ({ adminCluster }) => adminCluster.failing.set('createUser', 'lost'),
    command: `${NEW} ${BY_ADMIN}`,
    follow: [({ adminCluster }) => adminCluster.failing.clear()],
  },
  'init: the cluster does not grant the role': {
    make: noSecret,
    cause: ({ adminCluster }) => adminCluster.failing.set('grantRole', 'refused'),
    command: `${NEW} ${BY_ADMIN} --role reader`,
    follow: [({ adminCluster }) => adminCluster.failing.clear()],
  },
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
    make: noSecret,
    cause: ({ aws, cluster, passwords }) => {
      cluster.addUser(A, OLD_PASSWORD);
      passwords.push(OLD_PASSWORD);
      const { createSecret } = aws.rotation;
      aws.rotation.createSecret = (secret) => {
        aws.rotation.createSecret = createSecret;
        aws.add('orders', documentOf(OLD_PASSWORD), { rotationFunctionArn: undefined });
        return createSecret(secret);
      };
    },
    command: NEW,
  },
  'init: the password changes during the command': {
    make: notRotated,
    cause: ({ cluster, files }) => {
      files.set('rotation.yaml', '');
      const set = files.set.bind(files);
      files.set = (...entry) => {
        cluster.setByHand(A, 'Unknown!1');
        return set(...entry);
      };
    },
    command: `${INIT} --config rotation.yaml`,
    follow: [({ cluster }) => cluster.setByHand(A, OLD_PASSWORD)],
  },
  'init: the cluster becomes unreachable during the command': {
    make: notRotated,
    cause: ({ cluster, files }) => {
      files.set('rotation.yaml', '');
      const set = files.set.bind(files);
      files.set = (...entry) => {
        cluster.reachable = false;
        return set(...entry);
      };
    },
    command: `${INIT} --config rotation.yaml`,
    follow: [({ cluster }) => Object.assign(cluster, { reachable: true })],
  },
  'init: roles that an admin grants': {
    make: notRotated,
    cause: ({ cluster, passwords }) => {
      cluster.addUser(B, NEW_PASSWORD).roles = { [A]: ['reader'], [B]: ['writer'] };
      passwords.push(NEW_PASSWORD);
    },
    command: ADD_SECOND,
    follow: [
      ({ cluster }) => {
        cluster.roles = { [A]: ['reader'], [B]: ['reader'] };
      },
    ],
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
  'init: a key that is no ARN': {
    make: notRotated,
    cause: ({ orders }) => {
      orders.kmsKeyId = 'alias/orders';
    },
    command: INIT,
    follow: [deploy],
    proof: 'status orders',
  },
  'init: an entry with other users': {
    make: notRotated,
    cause: ({ files }) => files.set('rotation.yaml', 'secrets:\n  - name: orders\n    username: other\n'),
    command: `${INIT} --config rotation.yaml`,
    follow: [({ files }) => files.set('rotation.yaml', `secrets:\n  - name: orders\n    username: ${A}\n`)],
  },
};
