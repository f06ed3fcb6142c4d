import { setTimeout as delay } from 'node:timers/promises';
import type { Step } from '../../protocol/rotation/rotation-request.ts';
import type { SecretsManagerFault } from '../cloud/cloud-secret.ts';
import { killWorkersOf } from '../cloud/function-workers.ts';
import type { ConnectionFault, StruckRequest } from './cluster-request.ts';
import { CONTINUATIONS, type Continuation } from './continuations.ts';
import type { Subject } from './subject.ts';

/** One attempt with a fault. The fault ends after the attempt. */
export interface Fault {
  readonly kind: string;
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

const CONNECTIONS: Faults = faultsOf(
  'a cut connection',
  [
    ['setSecret', 'no network', 'the next request', 'network down', SAME_OR_NEW_TOKEN],
    ['setSecret', 'network down before the change', 'the change', 'network down', ALL],
    ['setSecret', 'answer to the change lost', 'the change', 'answer lost', ALL],
    ['setSecret', 'answer to the change lost, network down', 'the change', 'answer lost, network down', ALL],
    ['setSecret', 'network down after the change', 'the request after the change', 'network down', ALL],
    ['testSecret', 'no network', 'the next request', 'network down', ALL],
  ] as const satisfies ReadonlyArray<[Step, string, StruckRequest, ConnectionFault, readonly Continuation[]]>,
  ([step, name, request, fault, continuations]) => ({
    step,
    name,
    continuations,
    arm: async ({ balancer }) => {
      const occurs = balancer.arm(request, fault);
      return () => hasHappened(occurs);
    },
  }),
);

/** Three failures exhaust the attempts of the SDK. */
const FAILURES: Faults = faultsOf(
  'a failure of Secrets Manager',
  [
    ['createSecret', 'DescribeSecret', 'throttle'],
    ['setSecret', 'DescribeSecret', 'throttle'],
    ['testSecret', 'DescribeSecret', 'throttle'],
    ['finishSecret', 'DescribeSecret', 'throttle'],
    ['createSecret', 'GetSecretValue', 'fail-before'],
    ['setSecret', 'GetSecretValue', 'fail-before'],
    ['testSecret', 'GetSecretValue', 'fail-before'],
    ['createSecret', 'PutSecretValue', 'fail-before'],
    ['createSecret', 'PutSecretValue', 'lose-answer'],
    ['createSecret', 'PutSecretValue', 'throttle'],
    ['finishSecret', 'UpdateSecretVersionStage', 'fail-before'],
    ['finishSecret', 'UpdateSecretVersionStage', 'lose-answer'],
    ['finishSecret', 'UpdateSecretVersionStage', 'throttle'],
  ],
  ofSecretsManager,
);

/** The permission of the function, or of its KMS key, is lost and comes back. */
const DENIALS: Faults = faultsOf(
  'a denial by AWS or by the KMS key',
  [
    ['createSecret', 'GetSecretValue', 'key-failure'],
    ['createSecret', 'PutSecretValue', 'deny'],
    ['createSecret', 'PutSecretValue', 'key-failure'],
    ['setSecret', 'DescribeSecret', 'deny'],
    ['setSecret', 'GetSecretValue', 'key-failure'],
    ['testSecret', 'GetSecretValue', 'deny'],
    ['testSecret', 'GetSecretValue', 'key-failure'],
    ['finishSecret', 'UpdateSecretVersionStage', 'deny'],
  ],
  ofSecretsManager,
);

function ofSecretsManager([step, action, kind]: readonly [Step, string, SecretsManagerFault['kind']]): FaultOfStep {
  return {
    step,
    name: `${action}: ${kind}`,
    continuations: SAME_OR_NEW_TOKEN,
    arm: async (subject) => {
      // A new worker, because a worker that ran the step before remembers what it has read.
      await subject.renewWorkers();
      const armed = await subject.arm({ action, kind, times: 3, cut: kind === 'lose-answer' });
      return () => armed.disarm();
    },
  };
}

const KILLS: Faults = faultsOf(
  'a killed process',
  [
    ['createSecret', 'killed in PutSecretValue', { action: 'PutSecretValue', kind: 'hang', seconds: 0.5 }],
    ['setSecret', 'killed before the change', 'request held'],
    ['setSecret', 'killed after the change', 'answer held'],
    [
      'finishSecret',
      'killed in UpdateSecretVersionStage',
      { action: 'UpdateSecretVersionStage', kind: 'hang', seconds: 0.5 },
    ],
  ] as const satisfies ReadonlyArray<[Step, string, ConnectionFault | SecretsManagerFault]>,
  ([step, name, during]) => ({ step, name, continuations: ALL, arm: (subject) => kill(subject, during) }),
);

/** The faults by name: the step and what happens in it. */
export const FAULTS: Faults = {
  none: { kind: 'no fault', continuations: [], inject: () => Promise.resolve(true) },
  'one attempt': {
    kind: 'no fault',
    continuations: [],
    inject: async (subject) => {
      await subject.rotate();
      return true;
    },
  },
  ...CONNECTIONS,
  ...FAILURES,
  ...DENIALS,
  ...KILLS,
};

interface FaultOfStep {
  readonly step: Step;
  readonly name: string;
  readonly continuations: readonly Continuation[];
  readonly arm: Arm;
}

function faultsOf<Row>(kind: string, rows: readonly Row[], read: (row: Row) => FaultOfStep): Faults {
  return Object.fromEntries(
    rows
      .map(read)
      .map(({ step, name, continuations, arm }) => [
        `${step}: ${name}`,
        { kind, continuations, inject: (subject) => injectIn(step, subject, arm) },
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
