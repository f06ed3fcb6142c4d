import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from '../../protocol/rotation/rotation-request.ts';
import type { SecretsManagerFault } from '../cloud/cloud-secret.ts';
import { killWorkersOf } from '../cloud/function-workers.ts';
import type { ConnectionFault, StruckRequest } from './cluster-request.ts';
import { CONTINUATIONS, type Continuation } from './continuations.ts';
import type { Subject } from './subject.ts';

/** One attempt with a fault. The fault ends after the attempt. */
export interface Fault {
  /** What may follow the fault if the secret was healthy before. */
  readonly continuations: readonly Continuation[];
  /** @returns false if the attempt never made the call of the fault. */
  readonly inject: (subject: Subject) => Promise<boolean>;
}

const ALL = Object.keys(CONTINUATIONS) as Continuation[];
const SAME_OR_NEW_TOKEN: readonly Continuation[] = ['the same token', 'AWSPENDING removed, new token'];

type Faults = Readonly<Record<string, Fault>>;

/** Prepares a fault. @returns a function that ends the fault and tells whether it occurred. */
type Arm = (subject: Subject) => Promise<() => Promise<boolean>>;

type Row = readonly [step: Step, name: string, continuations: readonly Continuation[], arm: Arm];

const CONNECTIONS: Faults = faultsOf([
  ['setSecret', 'no network', SAME_OR_NEW_TOKEN, cut('the next request', 'network down')],
  ['setSecret', 'network down before the change', ALL, cut('the change', 'network down')],
  ['setSecret', 'answer to the change lost', ALL, cut('the change', 'answer lost')],
  ['setSecret', 'answer to the change lost, network down', ALL, cut('the change', 'answer lost, network down')],
  ['setSecret', 'network down after the change', ALL, cut('the request after the change', 'network down')],
  ['testSecret', 'no network', ALL, cut('the next request', 'network down')],
]);

function cut(request: StruckRequest, fault: ConnectionFault): Arm {
  return async ({ balancer }) => {
    const occurs = balancer.arm(request, fault);
    return () => hasHappened(occurs);
  };
}

/** Three failures exhaust the attempts of the SDK. */
const FAILURES: Faults = faultsOf([
  ofSecretsManager('createSecret', 'DescribeSecret', 'throttle'),
  ofSecretsManager('setSecret', 'DescribeSecret', 'throttle'),
  ofSecretsManager('testSecret', 'DescribeSecret', 'throttle'),
  ofSecretsManager('finishSecret', 'DescribeSecret', 'throttle'),
  ofSecretsManager('createSecret', 'GetSecretValue', 'fail-before'),
  ofSecretsManager('setSecret', 'GetSecretValue', 'fail-before'),
  ofSecretsManager('testSecret', 'GetSecretValue', 'fail-before'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'fail-before'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'lose-answer'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'throttle'),
  ofSecretsManager('finishSecret', 'UpdateSecretVersionStage', 'fail-before'),
  ofSecretsManager('finishSecret', 'UpdateSecretVersionStage', 'lose-answer'),
  ofSecretsManager('finishSecret', 'UpdateSecretVersionStage', 'throttle'),
]);

/** The permission of the function, or of its KMS key, is lost and comes back. */
const DENIALS: Faults = faultsOf([
  ofSecretsManager('createSecret', 'GetSecretValue', 'key-failure'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'deny'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'key-failure'),
  ofSecretsManager('setSecret', 'DescribeSecret', 'deny'),
  ofSecretsManager('setSecret', 'GetSecretValue', 'key-failure'),
  ofSecretsManager('testSecret', 'GetSecretValue', 'deny'),
  ofSecretsManager('testSecret', 'GetSecretValue', 'key-failure'),
  ofSecretsManager('finishSecret', 'UpdateSecretVersionStage', 'deny'),
]);

function ofSecretsManager(step: Step, action: string, kind: SecretsManagerFault['kind']): Row {
  const arm: Arm = async (subject) => {
    // A new worker, because a worker that ran the step before remembers what it has read.
    await subject.renewWorkers();
    const armed = await subject.arm({ action, kind, times: 3, cut: kind === 'lose-answer' });
    return () => armed.disarm();
  };
  return [step, `${action}: ${kind}`, SAME_OR_NEW_TOKEN, arm];
}

const KILLS: Faults = faultsOf([
  ['createSecret', 'killed in PutSecretValue', ALL, killed(hanging('PutSecretValue'))],
  ['setSecret', 'killed before the change', ALL, killed('request held')],
  ['setSecret', 'killed after the change', ALL, killed('answer held')],
  ['finishSecret', 'killed in UpdateSecretVersionStage', ALL, killed(hanging('UpdateSecretVersionStage'))],
]);

function hanging(action: string): SecretsManagerFault {
  return { action, kind: 'hang', seconds: 0.5 };
}

function killed(during: ConnectionFault | SecretsManagerFault): Arm {
  return (subject) => kill(subject, during);
}

/** The faults by name: the step and what happens in it. */
export const FAULTS: Faults = {
  none: { continuations: [], inject: () => Promise.resolve(true) },
  ...CONNECTIONS,
  ...FAILURES,
  ...DENIALS,
  ...KILLS,
};

function faultsOf(rows: readonly Row[]): Faults {
  return Object.fromEntries(
    rows.map(([step, name, continuations, arm]) => [
      `${step}: ${name}`,
      { continuations, inject: (subject) => injectIn(step, subject, arm) },
    ]),
  );
}

async function injectIn(step: Step, subject: Subject, arm: Arm): Promise<boolean> {
  await subject.holdBefore(step);
  await subject.limitAttempts();
  await subject.startAttempt();
  if (!(await subject.reaches('held'))) {
    await subject.release();
    return false;
  }
  const end = await arm(subject);
  await subject.release();
  await subject.reaches('idle');
  const occurred = await end();
  subject.balancer.restore();
  return occurred;
}

/** Kills the function during the change of the password or during an action of Secrets Manager. */
async function kill(subject: Subject, during: ConnectionFault | SecretsManagerFault): Promise<() => Promise<boolean>> {
  const killWorkers = (): boolean => killWorkersOf(subject.rotatedBy.name) > 0;
  if (typeof during === 'string') {
    const killed = subject.balancer.arm('the change', during).then(killWorkers);
    return async () => (await hasHappened(killed)) && (await killed);
  }
  const armed = await subject.arm(during);
  const killed = (async () => {
    while (!(await armed.occurred())) {
      await delay(10);
    }
    return killWorkers();
  })();
  return async () => {
    const occurred = await killed;
    await armed.disarm();
    // The request of the killed process may still take effect.
    await delay((during.seconds ?? 0) * 1000 + 200);
    return occurred;
  };
}

function hasHappened(event: Promise<unknown>): Promise<boolean> {
  return Promise.race([event.then(() => true), delay(50, false)]);
}
