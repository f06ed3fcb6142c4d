import { setTimeout as delay } from 'node:timers/promises';
import type { SecretsManagerFault } from '../../../local/cloud/emulator-control.ts';
import { killWorkersOf } from '../../../local/cloud/lambda-function.ts';
import type { Step } from '../../../protocol/rotation/rotation-request.ts';
import { CONTINUATIONS, type Continuation } from '../../faults/continuations.ts';
import type { ConnectionFault, StruckRequest } from './load-balancer.ts';
import type { Subject } from './subject.ts';

/** One attempt with a fault. The fault ends after the attempt. */
export interface Fault {
  readonly name: string;
  /** What may follow the fault if the secret was healthy before. */
  readonly continuations: readonly Continuation[];
  /** @returns false if the attempt never made the call of the fault. */
  readonly inject: (subject: Subject) => Promise<boolean>;
}

const ALL = Object.keys(CONTINUATIONS) as Continuation[];
const SAME_OR_NEW_TOKEN: readonly Continuation[] = ['the same token', 'AWSPENDING removed, new token'];

export const FAULTS: readonly Fault[] = [
  { name: 'none', continuations: [], inject: () => Promise.resolve(true) },

  inStep('setSecret', 'no network', SAME_OR_NEW_TOKEN, cut('the next request', 'network down')),
  inStep('setSecret', 'network down before the change', ALL, cut('the change', 'network down')),
  inStep('setSecret', 'answer to the change lost', ALL, cut('the change', 'answer lost')),
  inStep('setSecret', 'answer to the change lost, network down', ALL, cut('the change', 'answer lost, network down')),
  inStep('setSecret', 'network down after the change', ALL, cut('the request after the change', 'network down')),
  inStep('testSecret', 'no network', ALL, cut('the next request', 'network down')),

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

  // The permission of the function, or of its KMS key, is lost and comes back.
  ofSecretsManager('createSecret', 'GetSecretValue', 'key-failure'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'deny'),
  ofSecretsManager('createSecret', 'PutSecretValue', 'key-failure'),
  ofSecretsManager('setSecret', 'DescribeSecret', 'deny'),
  ofSecretsManager('setSecret', 'GetSecretValue', 'key-failure'),
  ofSecretsManager('testSecret', 'GetSecretValue', 'deny'),
  ofSecretsManager('testSecret', 'GetSecretValue', 'key-failure'),
  ofSecretsManager('finishSecret', 'UpdateSecretVersionStage', 'deny'),

  inStep('createSecret', 'killed in PutSecretValue', ALL, killedIn('PutSecretValue')),
  inStep('setSecret', 'killed before the change', ALL, killedInChange('request held')),
  inStep('setSecret', 'killed after the change', ALL, killedInChange('answer held')),
  inStep('finishSecret', 'killed in UpdateSecretVersionStage', ALL, killedIn('UpdateSecretVersionStage')),
];

/** Prepares a fault. @returns a function that ends the fault and tells whether it occurred. */
type Arm = (subject: Subject) => Promise<() => Promise<boolean>>;

/** The attempt stops before the step until the fault is prepared. */
function inStep(step: Step, name: string, continuations: readonly Continuation[], arm: Arm): Fault {
  const inject = async (subject: Subject): Promise<boolean> => {
    await subject.holdBefore(step);
    await subject.startAttempt();
    if ((await subject.until('held')).state !== 'held') {
      await subject.release();
      return false;
    }
    const end = await arm(subject);
    await subject.release();
    await subject.until();
    const occurred = await end();
    subject.balancer.restore();
    return occurred;
  };
  return { name: `${step}: ${name}`, continuations, inject };
}

function ofSecretsManager(step: Step, action: string, kind: SecretsManagerFault['kind']): Fault {
  return inStep(step, `${action}: ${kind}`, SAME_OR_NEW_TOKEN, async (subject) => {
    // A new worker, because a worker that ran the step before remembers what it has read.
    await subject.renewWorkers();
    // Three failures exhaust the attempts of the SDK.
    const armed = await subject.arm({ action, kind, times: 3, cut: kind === 'lose-answer' });
    return () => armed.disarm();
  });
}

function cut(request: StruckRequest, fault: ConnectionFault): Arm {
  return async ({ balancer }) => {
    const occurs = balancer.arm(request, fault);
    return () => hasHappened(occurs);
  };
}

/** Kills the function during the change of the password. */
function killedInChange(fault: 'request held' | 'answer held'): Arm {
  return async ({ balancer, functionName }) => {
    const killed = balancer.arm('the change', fault).then(() => killWorkersOf(functionName));
    return async () => (await hasHappened(killed)) && (await killed) > 0;
  };
}

/** Kills the function during an action of Secrets Manager. */
function killedIn(action: string): Arm {
  return async (subject) => {
    const armed = await subject.arm({ action, kind: 'hang', seconds: 0.5 });
    const killed = (async () => {
      while (!(await armed.occurred())) {
        await delay(10);
      }
      return killWorkersOf(subject.functionName);
    })();
    return async () => {
      const count = await killed;
      await armed.disarm();
      // The request of the killed process may still take effect.
      await delay(700);
      return count > 0;
    };
  };
}

function hasHappened(event: Promise<unknown>): Promise<boolean> {
  return Promise.race([event.then(() => true), delay(50, false)]);
}
