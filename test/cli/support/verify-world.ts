import type { Change } from '../../../protocol/cluster/cluster.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { STEPS } from '../../../protocol/rotation/rotation-request.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { createFixture, type Fixture } from './command-fixture.ts';
import { documentOfUser, ENDPOINT } from './rotations.ts';
import { imitateSecrets, type RotatingWorld } from './verify-secrets.ts';

export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';
/** The arguments of `verify` without a temporary credential, and with an admin. */
export const COMMON = ['verify', '--endpoint', ENDPOINT, '--function', FUNCTION] as const;
export const WITH_ADMIN = [...COMMON, '--admin-secret', 'admin'] as const;

const ADMIN_PASSWORD = 'Adm"in/\\Pass+1';
const HOUR_MS = 3_600_000;
const FORBIDDEN: Change = { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: permission deny' };

const PROJECT = { projectId: 'p', role: 'Admin', allCluster: true, clusterIds: [], allVolume: false, volumeIds: [] };

export interface VerifyWorld extends RotatingWorld {
  readonly organization: InMemoryControlPlane;
  /** The arguments of `verify` with a user that an admin creates, or with an API key. */
  readonly args: Readonly<Record<'user' | 'key', readonly string[]>>;
}

/** AWS, a cluster and a control plane in memory that behave as the register assumes. */
export function createVerifyWorld(): VerifyWorld {
  const fixture = createFixture();
  const { aws, cluster, adminCluster, clock } = fixture;
  let count = 0;
  fixture.newPassword = () => `Pw.${'x'.repeat(34)}${String(++count).padStart(3, '0')}`;
  cluster.addUser('admin', ADMIN_PASSWORD);
  adminCluster.admins.add(`admin:${ADMIN_PASSWORD}`);
  aws.add('admin', documentOfUser('admin', ADMIN_PASSWORD));
  aws.environment['ROTATED_SECRETS'] = '*';
  aws.environment['SECRET_TARGETS'] = 'pins:p:each:all';
  restrictUsers(fixture);

  const organization = new InMemoryControlPlane();
  organization.now = clock.now;
  const like = organization.createByHand({
    name: 'like',
    description: 'of an application',
    scope: { orgRole: 'Member', projects: [PROJECT] },
  });
  aws.environment['MANAGER_SECRET_ARN'] = aws.add('manager', 'manager-key').arn;
  cluster.acceptsKey = (key) => organization.accepts(key);
  imitateControlPlane(fixture, organization);

  const world: VerifyWorld = {
    fixture,
    organization,
    args: {
      user: [...WITH_ADMIN, '--yes'],
      key: [...COMMON, '--yes', '--manager', '--like', like.id],
    },
    onSecret: () => undefined,
    steps: STEPS,
    nextRotationAt: (expression, now) => {
      const [, count, unit] = /^rate\((\d+) (hour|day)s\)$/.exec(expression) ?? [];
      const hours = unit === undefined ? 4 : Number(count) * (unit === 'day' ? 24 : 1) + 1;
      const start = unit === undefined ? Date.UTC(2026, 8, 1) : Math.floor(now / HOUR_MS) * HOUR_MS;
      return start + hours * HOUR_MS;
    },
    testedSteps: ['testSecret'],
    attemptsAt: [0, 2000, 4000],
    failsIn: 'setSecret',
    failsOnce: false,
    skewMs: 0,
    missingEvents: new Set(),
  };
  imitateSecrets(world);
  return world;
}

/**
 * A user without a role may call only what it is granted, and names have 32 characters. Changes at
 * once are checked before one is done.
 */
function restrictUsers({ cluster, adminCluster }: Fixture): void {
  const changePassword = cluster.changePassword.bind(cluster);
  cluster.changePassword = async (credentials, newPassword) => {
    const { username, password } = credentials;
    const isAccepted = cluster.passwordOf(username) === password;
    await Promise.resolve();
    const present = isAccepted ? (cluster.passwordOf(username) ?? password) : password;
    return await changePassword({ ...credentials, password: present }, newPassword);
  };
  const resetPassword = cluster.resetPassword.bind(cluster);
  cluster.resetPassword = async (caller, username, password) =>
    [`${username}:`, 'admin:'].some((start) => caller.token.startsWith(start))
      ? await resetPassword(caller, username, password)
      : FORBIDDEN;
  const describeUser = adminCluster.describeUser.bind(adminCluster);
  adminCluster.describeUser = async (admin, username) =>
    username.length > 32
      ? { kind: 'refused', answer: 'IllegalArgument 1100: invalid username' }
      : await describeUser(admin, username);
}

function imitateControlPlane(fixture: Fixture, organization: InMemoryControlPlane): void {
  const create = organization.create.bind(organization);
  organization.create = async (key) => {
    if (key.name.trim() === '') {
      throw new ControlPlaneError('refused', 'POST: HTTP 400');
    }
    return await create(key);
  };
  const stranger = new InMemoryControlPlane();
  stranger.manager = 'rejected';
  fixture.connectControlPlane = (key) => (key === 'manager-key' || organization.accepts(key) ? organization : stranger);
}
