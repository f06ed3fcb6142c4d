import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import type { Fixture } from './command-fixture.ts';
import type { FakeSecret } from './fake-aws.ts';
import type { FakeRotation } from './fake-rotation.ts';
import { documentOfUser } from './rotations.ts';

/** Secrets Manager, whose behaviour a test may change. */
export interface RotatingWorld {
  readonly fixture: Fixture;
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

/** Secrets that the command creates rotate, as do those of Secrets Manager. */
export function imitateSecrets(world: RotatingWorld): void {
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

function rotate(world: RotatingWorld, secret: FakeSecret, { token, at, put, promote, log }: FakeRotation): void {
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
