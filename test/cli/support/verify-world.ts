import type { Change } from '../../../protocol/cluster/cluster.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { STEPS } from '../../../protocol/rotation/rotation-request.ts';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import { documentOf, ENDPOINT, type FakeRotation } from './rotations.ts';

export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';
/** The arguments of `verify` without a temporary credential, and with an admin. */
export const COMMON = ['verify', '--endpoint', ENDPOINT, '--function', FUNCTION] as const;
export const WITH_ADMIN = [...COMMON, '--admin-secret', 'admin'] as const;

const ADMIN_PASSWORD = 'Adm"in/\\Pass+1';
const HOUR_MS = 3_600_000;
const FORBIDDEN: Change = { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: permission deny' };

const PROJECT = { projectId: 'p', role: 'Admin', allCluster: true, clusterIds: [], allVolume: false, volumeIds: [] };

/** AWS, a cluster and a control plane, whose behaviour a test may change. */
export interface VerifyWorld {
  readonly fixture: Fixture;
  readonly organization: InMemoryControlPlane;
  /** The arguments of `verify` with a user that an admin creates, or with an API key. */
  readonly args: Readonly<Record<'user' | 'key', readonly string[]>>;
  /** Called with the temporary secret as soon as it exists. */
  onSecret: (secret: FakeSecret) => void;
  /** What the steps log of a rotation. */
  steps: readonly string[];
  /** The end of the next window of a schedule. */
  nextRotationAt: (expression: string, now: number) => number;
  /** The steps that a test of a schedule logs. */
  testedSteps: readonly string[];
  /** When each attempt of a failing rotation starts, in milliseconds. */
  attemptsAt: readonly number[];
  /** The step in which a rotation of an unknown user fails. */
  failsIn: string;
  /** Whether the first attempt of a rotation fails that then completes. */
  failsOnce: boolean;
  /** By how much the clock of AWS differs from that of this machine. */
  skewMs: number;
  /** Names of the events of CloudTrail that are missing. */
  readonly missingEvents: Set<string>;
}

/** AWS, a cluster and a control plane in memory that behave as the register assumes. */
export function createVerifyWorld(): VerifyWorld {
  const fixture = new Fixture();
  const { aws, cluster, adminCluster, clock } = fixture;
  let count = 0;
  fixture.newPassword = () => `Pw.${'x'.repeat(34)}${String(++count).padStart(3, '0')}`;
  cluster.addUser('admin', ADMIN_PASSWORD);
  adminCluster.admins.add(`admin:${ADMIN_PASSWORD}`);
  aws.add('admin', documentOf(ADMIN_PASSWORD, { username: 'admin' }));
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

/** Secrets that the command creates rotate, as do those of Secrets Manager. */
function imitateSecrets(world: VerifyWorld): void {
  const { aws, clock } = world.fixture;
  const { createSecret, scheduleRotation, startRotation } = aws.rotation;
  aws.rotation.createSecret = async (created) => {
    const outcome = await createSecret(created);
    const secret = aws.secret(created.name);
    const { store } = secret;
    const put = store.put.bind(store);
    store.put = async (version) => {
      if (version.labels.includes(AWSCURRENT)) {
        store.removePendingByHand();
      }
      return await put(version);
    };
    secret.rotate = (rotation) => rotate(world, secret, rotation);
    world.onSecret(secret);
    return outcome;
  };
  aws.rotation.scheduleRotation = async (secretId, functionArn, expression) => {
    const secret = aws.secret(secretId);
    secret.nextRotationAt = world.nextRotationAt(expression, clock.now());
    logSteps(secret, 'test', world.testedSteps, clock.now());
    return await scheduleRotation(secretId, functionArn, expression);
  };
  aws.rotation.startRotation = async (secretId, token) => {
    const start = await startRotation(secretId, token);
    aws.secret(secretId).store.rotationEnabled = true;
    return start;
  };
}

function rotate(world: VerifyWorld, secret: FakeSecret, { token, at, put, promote, log }: FakeRotation): void {
  const { store, name, arn } = secret;
  const { aws, cluster, clock } = world.fixture;
  const value = store.valueOf(store.holder(AWSCURRENT) ?? '') ?? '';
  const send = (event: 'RotationStarted' | 'RotationSucceeded' | 'RotationFailed' | 'RotationAbandoned') => {
    if (!world.missingEvents.has(event)) {
      aws.trailEvents.push({
        name: event,
        at: clock.now() + world.skewMs,
        secretId: arn,
        versionId: token,
        principal: undefined,
      });
    }
  };
  send('RotationStarted');
  if (value === '{}') {
    for (const pause of world.attemptsAt) {
      at(pause, () => log(STEP_EVENT.started, 'createSecret'));
    }
    send('RotationFailed');
    send('RotationAbandoned');
    return;
  }
  if (value.includes('"zunknown_')) {
    put(value);
    log(STEP_EVENT.finished, 'createSecret');
    log(STEP_EVENT.failed, world.failsIn);
    return;
  }
  if (world.failsOnce) {
    const failure = { code: 'CLUSTER_NO_ANSWER', message: '', retryable: true, accepted: undefined, advice: undefined };
    log(STEP_EVENT.failed, 'createSecret', { failure });
  }
  const password = `Rotated.${token}`;
  put(value.includes('"apiKey"') ? value : documentOf(password, { username: parseDocument(value).username }));
  if (!value.includes('"apiKey"')) {
    cluster.setByHand(parseDocument(value).username, password);
  }
  logSteps(aws.secret(name), token, world.steps, clock.now());
  promote();
  send('RotationSucceeded');
}

function logSteps({ lines, arn }: FakeSecret, versionId: string, steps: readonly string[], at: number): void {
  for (const step of steps) {
    for (const event of [STEP_EVENT.started, STEP_EVENT.finished]) {
      const about = { versionId, secretArn: arn, message: event, failure: undefined, key: undefined };
      lines.push({ ...about, at, event, step, durationMs: 1 });
    }
  }
}
