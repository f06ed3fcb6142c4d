import { expect } from 'vitest';
import { rolesTag } from '../../../cli/aws/stored-roles.ts';
import { createMilvusAdminCluster } from '../../../cli/cluster/milvus-admin-cluster.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { newAdminSecret, newUserWithSecret, rotateToItsEnd } from '../../support/deployed-rotation.ts';
import {
  changePasswordOutside,
  newClusterUser,
  newRole,
  secretsManager,
  servers,
  uniqueName,
} from '../../support/servers.ts';
import type { Dialogue } from '../support/operator-command.ts';
import {
  NOT_NOW,
  ROTATE,
  type Scenario,
  type Situation,
  STATUS,
  type Subject,
  typedPassword,
  YES,
} from './scenario.ts';

const REPAIR_AS_ADMIN = 'npx zilliz-rotation repair SECRET --admin-secret ADMIN';

export const NONE_IN_FORCE: readonly Scenario[] = [
  {
    entry: 'No stored password is accepted',
    state: 'a person knows the password',
    cause: async ({ secret, user }) => {
      const password = await changePasswordOutside(user);
      await rotateToItsEnd(secret);
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
    cause: async ({ user }) => {
      await changePasswordOutside(user);
      return { ADMIN: await newAdminSecret('tls') };
    },
    steps: [
      { ...STATUS, prints: ['(none-in-force)'] },
      { command: REPAIR_AS_ADMIN, typed: typedAsAdmin, exitCode: 3, prints: ['(old-password-needed)'] },
      { command: `${REPAIR_AS_ADMIN} --recreate-user`, typed: typedToDrop },
      ROTATE,
    ],
    over: expectRole,
  },
  {
    entry: 'No stored password is accepted',
    state: 'somebody dropped the user',
    prepare: userWithRole,
    cause: async (situation) => {
      await dropUser(situation);
      return { ADMIN: await newAdminSecret('tls') };
    },
    steps: [
      {
        command: REPAIR_AS_ADMIN,
        typed: typedAsAdmin,
        exitCode: 3,
        prints: ['(no-such-user)', '--recreate-user', '--role'],
      },
      { command: `${REPAIR_AS_ADMIN} --recreate-user --role ROLE`, typed: typedAsAdmin },
      ROTATE,
    ],
    over: expectRole,
  },
];

export const INTERRUPTED_REPAIR: readonly Scenario[] = [
  {
    entry: 'A repair that recreates a user was interrupted',
    state: 'after the drop',
    prepare: userWithRole,
    cause: async (situation) => {
      await dropUser(situation);
      await storeRoleInTag(situation, situation.role ?? '');
      return { ADMIN: await newAdminSecret('tls') };
    },
    steps: [{ command: `${REPAIR_AS_ADMIN} --recreate-user`, typed: typedAsAdmin }],
    over: expectRole,
  },
  {
    entry: 'A repair that recreates a user was interrupted',
    state: 'a role no longer exists',
    cause: async (situation) => {
      await storeRoleInTag(situation, uniqueName('gone'));
      return { ADMIN: await newAdminSecret('tls'), USER: situation.user.username };
    },
    steps: [
      { command: `${REPAIR_AS_ADMIN} --recreate-user`, typed: typedAsAdmin, exitCode: 3, prints: ['(roles-missing)'] },
      { command: 'aws secretsmanager untag-resource --secret-id SECRET --tag-keys zilliz:roles-of:USER' },
    ],
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
    steps: [
      {
        command: 'npx zilliz-rotation init SECRET --admin-secret ADMIN --role ROLE',
        typed: (situation) => [...typedAsAdmin(situation), NOT_NOW],
      },
      ROTATE,
    ],
    over: expectRole,
  },
];

/** The rotation stack creates its secret. */
function createdFor(user: Credentials): Subject {
  const secret = uniqueName('zilliz/created');
  return { user, secret, entry: { create: secret, endpoint: user.endpoint.url, username: user.username } };
}

async function userWithRole(): Promise<Subject> {
  const role = await newRole('tls');
  const subject = await newUserWithSecret('tls', {}, [role]);
  return { ...subject, entry: { name: subject.secret }, role };
}

function adminCluster() {
  const { caPem, rootPassword } = servers().access.milvus.tls;
  return { cluster: createMilvusAdminCluster({ privateCa: caPem }), token: `root:${rootPassword}` };
}

async function dropUser({ user: { endpoint, username } }: Situation): Promise<void> {
  const { cluster, token } = adminCluster();
  expect(await cluster.dropUser({ endpoint, token }, username)).toEqual({ kind: 'done' });
}

async function expectRole({ user: { endpoint, username }, role }: Situation): Promise<void> {
  const { cluster, token } = adminCluster();
  expect(await cluster.describeUser({ endpoint, token }, username)).toEqual({ kind: 'found', roles: [role] });
}

async function storeRoleInTag({ secret, user: { username } }: Situation, Value: string): Promise<void> {
  await secretsManager().tagResource({ SecretId: secret, Tags: [{ Key: rolesTag(username), Value }] });
}

function sendAdmin({ user: { endpoint } }: Situation): Dialogue[number] {
  return [`Send the admin's credential to ${endpoint.url}? [y/N]`, 'y\r'];
}

function typedAsAdmin(situation: Situation): Dialogue {
  return [sendAdmin(situation), YES];
}

/** Types the name of the user, which the command can drop. */
function typedToDrop(situation: Situation): Dialogue {
  return [sendAdmin(situation), ['Type the name of the user to confirm:', `${situation.user.username}\r`]];
}
