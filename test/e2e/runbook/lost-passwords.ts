import { expect } from 'vitest';
import { createMilvusAdminCluster } from '../../../cli/cluster/milvus-admin-cluster.ts';
import { asRoot, expectSuccess } from '../../../local/servers/milvus-client.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { newAdminSecret, newUserWithSecret, secretNamed } from '../../support/deployed-rotation.ts';
import { changePasswordOutside, newClusterUser, newRole, servers, uniqueName } from '../../support/servers.ts';
import type { Dialogue } from '../support/operator-command.ts';
import { ROTATE, type Scenario, type Situation, STATUS, type Subject, typedPassword, YES } from './scenario.ts';

const REPAIR_AS_ADMIN = 'npx zilliz-rotation repair SECRET --admin-secret ADMIN';
const CREATE_AS_ADMIN = 'npx zilliz-rotation init SECRET --admin-secret ADMIN --role ROLE';

export const NONE_IN_FORCE: readonly Scenario[] = [
  {
    entry: 'No stored password is accepted',
    state: 'a person knows the password',
    cause: async ({ secret, user }) => {
      const password = await changePasswordOutside(user);
      await secret.rotate();
      return { PASSWORD: password };
    },
    steps: [
      { ...STATUS, prints: ['(none-in-force)'] },
      { command: 'npx zilliz-rotation init SECRET', typed: typedPassword },
      ROTATE,
    ],
  },
  {
    entry: 'No stored password is accepted',
    state: 'nobody knows the password',
    prepare: userWithRole,
    cause: async ({ user, role = '' }) => {
      await changePasswordOutside(user);
      return { ADMIN: await newAdminSecret('tls'), ROLE: role };
    },
    steps: [
      { ...STATUS, prints: ['(none-in-force)'] },
      { command: REPAIR_AS_ADMIN, typed: () => [YES], exitCode: 3, prints: ['(old-password-needed)'] },
      {
        command: CREATE_AS_ADMIN,
        before: async (situation) => {
          await dropUser(situation);
          return undefined;
        },
        typed: typedAsAdmin,
      },
      ROTATE,
    ],
    over: expectRole,
  },
];

export const PLACEHOLDER: readonly Scenario[] = [
  {
    entry: 'The placeholder was never replaced',
    state: 'the cluster user exists',
    prepare: async () => createdFor(await newClusterUser('tls')),
    cause: async ({ user }) => ({ PASSWORD: user.password }),
    steps: [{ command: 'npx zilliz-rotation init SECRET', typed: typedPassword }, ROTATE],
  },
  {
    entry: 'The placeholder was never replaced',
    state: 'the cluster user does not exist',
    prepare: async () => {
      const { endpoint } = await newClusterUser('tls');
      return { ...createdFor({ endpoint, username: uniqueName('new'), password: '' }), role: await newRole('tls') };
    },
    cause: async ({ role = '' }) => ({ ADMIN: await newAdminSecret('tls'), ROLE: role }),
    steps: [{ command: CREATE_AS_ADMIN, typed: typedAsAdmin }, ROTATE],
    over: expectRole,
  },
];

/** The rotation stack creates its secret. */
function createdFor(user: Credentials): Subject {
  const secret = secretNamed(uniqueName('zilliz/created'));
  return { user, secret, entry: { create: secret.name, endpoint: user.endpoint.url, username: user.username } };
}

async function userWithRole(): Promise<Subject> {
  const role = await newRole('tls');
  const subject = await newUserWithSecret('tls', {}, [role]);
  return { ...subject, entry: { name: subject.secret.name }, role };
}

async function dropUser({ user: { username } }: Situation): Promise<void> {
  const dropped = await asRoot(servers().access.milvus.tls, (client) => client.deleteUser({ username }));
  expectSuccess('drop the user', dropped);
}

async function expectRole({ user: { endpoint, username }, role }: Situation): Promise<void> {
  const { caPem, rootPassword } = servers().access.milvus.tls;
  const cluster = createMilvusAdminCluster({ privateCa: caPem });
  const admin = { endpoint, token: `root:${rootPassword}` };
  expect(await cluster.describeUser(admin, username)).toEqual({ kind: 'found', roles: [role] });
}

function sendAdmin({ user: { endpoint } }: Situation): Dialogue[number] {
  return [`Send the admin's credential to ${endpoint.url}? [y/N]`, 'y\r'];
}

function typedAsAdmin(situation: Situation): Dialogue {
  return [sendAdmin(situation), YES];
}
