import type { Change } from '../../../protocol/cluster/cluster.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { createFixture, type Fixture } from './command-fixture.ts';
import type { FakeRotation, FakeSecret } from './fake-aws.ts';
import { documentOfUser, ENDPOINT } from './rotations.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';
const ADMIN_PASSWORD = 'Adm"in/\\Pass+1';
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const HOUR_MS = 3_600_000;
const FORBIDDEN: Change = { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: permission deny' };

const PROJECT = { projectId: 'p', role: 'Admin', allCluster: true, clusterIds: [], allVolume: false, volumeIds: [] };

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
  /** Whether the first attempt of a rotation fails that then completes. */
  failsOnce: boolean;
  /** By how much the clock of AWS differs from that of this machine. */
  skewMs: number;
  /** Names of the events of CloudTrail that are missing. */
  readonly missingEvents: Set<string>;
}

/** Makes a service behave otherwise than the register assumes. */
export type Plant = (world: VerifyWorld) => void;

/** By the id of the assumption that is then false. */
export type Plants = Readonly<Record<string, Plant>>;

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

  const common = ['verify', '--function', FUNCTION, '--endpoint', ENDPOINT, '--yes'];
  const world: VerifyWorld = {
    fixture,
    organization,
    args: {
      user: [...common, '--admin-secret', 'admin'],
      key: [...common, '--manager', '--like', like.id],
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
    failsOnce: false,
    skewMs: 0,
    missingEvents: new Set(),
  };
  imitateSecrets(world);
  return world;
}

/** A user without a role may call only what it is granted, and names have 32 characters. */
function restrictUsers({ cluster, adminCluster }: Fixture): void {
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
  aws.rotation.scheduleRotation = async (secretId, schedule) => {
    const secret = aws.secret(secretId);
    secret.nextRotationAt = world.nextRotationAt(schedule.expression, clock.now());
    logSteps(secret, 'test', world.testedSteps, clock.now());
    return await scheduleRotation(secretId, schedule);
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
  if (world.failsOnce) {
    const failure = { code: 'CLUSTER_NO_ANSWER', message: '', retryable: true, inForce: undefined, advice: undefined };
    log(STEP_EVENT.failed, 'createSecret', { failure });
  }
  const password = `Rotated.${token}`;
  put(value.includes('"apiKey"') ? value : documentOfUser(parseDocument(value).username, password));
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
