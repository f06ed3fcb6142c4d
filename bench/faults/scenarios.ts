import { setTimeout as delay } from 'node:timers/promises';
import { ClusterProxy, type ConnectionFault } from './cluster-proxy.ts';
import { CONTINUATIONS, type Continuation } from './continuations.ts';
import type { SecretsManagerFault } from './emulator-control.ts';
import { killWorkersOf } from './function-workers.ts';
import type { Subject } from './subject.ts';

export interface Scenario {
  readonly name: string;
  /** Causes and ends the fault. @returns false if the function never made the call. */
  readonly fault: (subject: Subject) => Promise<boolean>;
  readonly continuation: Continuation;
}

const ALL = Object.keys(CONTINUATIONS) as Continuation[];
const SAME_OR_NEW_TOKEN: readonly Continuation[] = ['the same token', 'AWSPENDING removed, new token'];

/**
 * Faults of requests to the cluster. In setSecret, both functions log in with the pending password
 * (request 1) and with the current password (request 2), and then change the password (request 3).
 */
const CONNECTION_FAULTS: ReadonlyArray<{
  step: string;
  request: number;
  fault: ConnectionFault;
  name: string;
  continuations: readonly Continuation[];
}> = [
  { step: 'setSecret', request: 1, fault: 'network down', name: 'no network', continuations: SAME_OR_NEW_TOKEN },
  { step: 'setSecret', request: 3, fault: 'network down', name: 'network down before the change', continuations: ALL },
  { step: 'setSecret', request: 3, fault: 'answer lost', name: 'answer to the change lost', continuations: ALL },
  {
    step: 'setSecret',
    request: 3,
    fault: 'answer lost, network down',
    name: 'answer to the change lost, network down',
    continuations: ALL,
  },
  { step: 'setSecret', request: 4, fault: 'network down', name: 'network down after the change', continuations: ALL },
  { step: 'testSecret', request: 1, fault: 'network down', name: 'no network', continuations: ALL },
];

/** Faults of Secrets Manager. Three failures exhaust the attempts of the SDK. */
const SECRETS_MANAGER_FAULTS: ReadonlyArray<{ step: string; fault: SecretsManagerFault; name: string }> = [
  ...(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const).map((step) => ({
    step,
    fault: { action: 'DescribeSecret', kind: 'throttle', times: 3 } as const,
    name: 'DescribeSecret throttled',
  })),
  ...(['createSecret', 'setSecret', 'testSecret'] as const).map((step) => ({
    step,
    fault: { action: 'GetSecretValue', kind: 'fail-before', times: 3 } as const,
    name: 'GetSecretValue fails',
  })),
  ...(['fail-before', 'lose-answer', 'throttle'] as const).flatMap((kind) =>
    [
      ['createSecret', 'PutSecretValue'],
      ['finishSecret', 'UpdateSecretVersionStage'],
    ].map(([step = '', action = '']) => ({
      step,
      fault: { action, kind, times: 3, cut: kind === 'lose-answer' } as const,
      name: `${action}: ${kind}`,
    })),
  ),
];

/** Calls during which the function's process is killed. */
const KILLS: ReadonlyArray<{ step: string; name: string; during: ConnectionFault | SecretsManagerFault }> = [
  {
    step: 'createSecret',
    name: 'killed in PutSecretValue',
    during: { action: 'PutSecretValue', kind: 'hang', seconds: 0.5 },
  },
  { step: 'setSecret', name: 'killed before the change', during: 'request held' },
  { step: 'setSecret', name: 'killed after the change', during: 'answer held' },
  {
    step: 'finishSecret',
    name: 'killed in UpdateSecretVersionStage',
    during: { action: 'UpdateSecretVersionStage', kind: 'hang', seconds: 0.5 },
  },
];

export const SCENARIOS: readonly Scenario[] = [
  ...CONNECTION_FAULTS.flatMap(({ step, request, fault, name, continuations }) =>
    scenariosOf(step, name, continuations, async (subject) => {
      const occurs = subject.proxy.arm(request, fault);
      return () => hasHappened(occurs);
    }),
  ),
  ...SECRETS_MANAGER_FAULTS.flatMap(({ step, fault, name }) =>
    scenariosOf(step, name, SAME_OR_NEW_TOKEN, async (subject) => {
      const armed = await subject.control.arm(fault);
      return () => armed.disarm();
    }),
  ),
  ...KILLS.flatMap(({ step, name, during }) => scenariosOf(step, name, ALL, (subject) => kill(subject, during))),
  {
    name: 'D: a pending password that Milvus refuses',
    continuation: 'the same token',
    fault: async (subject) => {
      await subject.storeByHand(subject.document('short'), 'AWSPENDING');
      await subject.rotate();
      return true;
    },
  },
  {
    name: 'G: the cluster restored from a backup, three rotations old',
    continuation: 'the same token',
    fault: async (subject) => {
      await subject.rotate();
      const backup = await subject.currentPassword();
      await subject.rotate();
      await subject.rotate();
      await subject.rotate();
      await subject.restoreBackup(backup);
      return true;
    },
  },
];

/** Rotates with a pending version of another host. @returns whether that host got a request. */
export async function sendsToForeignHost(subject: Subject, milvus: string): Promise<boolean> {
  const foreign = await ClusterProxy.before(milvus);
  try {
    const value = JSON.parse(subject.document(await subject.currentPassword())) as object;
    await subject.storeByHand(JSON.stringify({ ...value, endpoint: foreign.endpoint }), 'AWSPENDING');
    await subject.rotate();
    return foreign.requests > 0;
  } finally {
    await foreign.close();
  }
}

/** Prepares a fault. @returns a function that ends the fault and tells whether the fault occurred. */
type Arm = (subject: Subject) => Promise<() => Promise<boolean>>;

function scenariosOf(step: string, name: string, continuations: readonly Continuation[], arm: Arm): Scenario[] {
  return continuations.map((continuation) => ({
    name: `${step}: ${name}`,
    continuation,
    fault: async (subject) => {
      await subject.control.holdBefore(step);
      await subject.startRotation();
      if (!(await subject.control.reaches('held'))) {
        throw new Error(`The rotation of ${subject.username} ended before ${step}.`);
      }
      const end = await arm(subject);
      await subject.control.release();
      await subject.control.reaches('idle');
      const occurred = await end();
      subject.proxy.restore();
      return occurred;
    },
  }));
}

/** Kills the function during the change of the password or during an action of Secrets Manager. */
async function kill(subject: Subject, during: ConnectionFault | SecretsManagerFault): Promise<() => Promise<boolean>> {
  const killWorkers = (): boolean => killWorkersOf(subject.rotatedBy.name) > 0;
  if (typeof during === 'string') {
    const killed = subject.proxy.arm(3, during).then(killWorkers);
    return async () => (await hasHappened(killed)) && (await killed);
  }
  const armed = await subject.control.arm(during);
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
