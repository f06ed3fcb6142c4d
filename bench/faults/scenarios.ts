import { setTimeout as delay } from 'node:timers/promises';
import { ClusterProxy, type Cut } from './cluster-proxy.ts';
import { CONTINUATIONS, type Continuation } from './continuations.ts';
import type { ArmedFault } from './emulator-control.ts';
import { killWorkersOf } from './function-workers.ts';
import type { Subject } from './subject.ts';

export interface Scenario {
  readonly name: string;
  /** Brings the subject into trouble, and the trouble to its end. @returns false when there was none to be had. */
  readonly trouble: (subject: Subject) => Promise<boolean>;
  readonly continuation: Continuation;
}

const ALL = Object.keys(CONTINUATIONS) as Continuation[];
const TWO: readonly Continuation[] = ['the same token', 'AWSPENDING removed, new token'];

/** Cut connections. Both functions log in with the pending and the current password before the change, as requests 1 and 2. */
const CUTS: ReadonlyArray<{
  step: string;
  at: number;
  cut: Cut;
  what: string;
  continuations: readonly Continuation[];
}> = [
  { step: 'setSecret', at: 1, cut: 'gone', what: 'no network', continuations: TWO },
  { step: 'setSecret', at: 3, cut: 'gone', what: 'network gone before the change', continuations: ALL },
  { step: 'setSecret', at: 3, cut: 'answer lost', what: 'answer to the change lost', continuations: ALL },
  {
    step: 'setSecret',
    at: 3,
    cut: 'answer lost and gone',
    what: 'answer to the change lost, network gone',
    continuations: ALL,
  },
  { step: 'setSecret', at: 4, cut: 'gone', what: 'network gone after the change', continuations: ALL },
  { step: 'testSecret', at: 1, cut: 'gone', what: 'no network', continuations: ALL },
];

/** Secrets Manager fails until the SDK's three attempts are used up. */
const ACTIONS: ReadonlyArray<{ step: string; fault: ArmedFault; what: string }> = [
  ...(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const).map((step) => ({
    step,
    fault: { action: 'DescribeSecret', kind: 'throttle', times: 3 } as const,
    what: 'DescribeSecret throttled',
  })),
  ...(['createSecret', 'setSecret', 'testSecret'] as const).map((step) => ({
    step,
    fault: { action: 'GetSecretValue', kind: 'fail-before', times: 3 } as const,
    what: 'GetSecretValue fails',
  })),
  ...(['fail-before', 'lose-answer', 'throttle'] as const).flatMap((kind) =>
    [
      ['createSecret', 'PutSecretValue'],
      ['finishSecret', 'UpdateSecretVersionStage'],
    ].map(([step = '', action = '']) => ({
      step,
      fault: { action, kind, times: 3, cut: kind === 'lose-answer' } as const,
      what: `${action}: ${kind}`,
    })),
  ),
];

/** The function's process is killed, for real. */
const KILLS: ReadonlyArray<{ step: string; what: string; at: Cut | ArmedFault }> = [
  {
    step: 'createSecret',
    what: 'killed in PutSecretValue',
    at: { action: 'PutSecretValue', kind: 'hang', seconds: 0.5 },
  },
  { step: 'setSecret', what: 'killed before the change', at: 'request held' },
  { step: 'setSecret', what: 'killed after the change', at: 'answer held' },
  {
    step: 'finishSecret',
    what: 'killed in UpdateSecretVersionStage',
    at: { action: 'UpdateSecretVersionStage', kind: 'hang', seconds: 0.5 },
  },
];

export const SCENARIOS: readonly Scenario[] = [
  ...CUTS.flatMap(({ step, at, cut, what, continuations }) =>
    continuations.map((continuation) => ({
      name: `${step}: ${what}`,
      continuation,
      trouble: (subject: Subject) =>
        inStep(subject, step, async () => {
          const struck = subject.proxy.arm(at, cut);
          return () => didHappen(struck);
        }),
    })),
  ),
  ...ACTIONS.flatMap(({ step, fault, what }) =>
    TWO.map((continuation) => ({
      name: `${step}: ${what}`,
      continuation,
      trouble: (subject: Subject) =>
        inStep(subject, step, async () => {
          const armed = await subject.control.arm(fault);
          return async () => {
            const struck = await armed.struck();
            await armed.disarm();
            return struck;
          };
        }),
    })),
  ),
  ...KILLS.flatMap(({ step, what, at }) =>
    ALL.map((continuation) => ({
      name: `${step}: ${what}`,
      continuation,
      trouble: (subject: Subject) => inStep(subject, step, () => killedAt(subject, at)),
    })),
  ),
  {
    name: 'D: a pending password that Milvus refuses',
    continuation: 'the same token',
    trouble: async (subject) => {
      await subject.storeByHand(subject.document('short'), 'AWSPENDING');
      await subject.rotate();
      return true;
    },
  },
  {
    name: 'G: the cluster restored from a backup, three rotations old',
    continuation: 'the same token',
    trouble: async (subject) => {
      await subject.rotate();
      const old = await subject.currentPassword();
      await subject.rotate();
      await subject.rotate();
      await subject.rotate();
      await subject.restore(old);
      return true;
    },
  },
];

/** The scenario that no one may recover from, but refuse: a planted version names another host. */
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

/** Runs a rotation up to a step, makes trouble in it, and lets the rotation come to its end. */
async function inStep(subject: Subject, step: string, make: () => Promise<() => Promise<boolean>>): Promise<boolean> {
  await subject.control.holdBefore(step);
  await subject.startRotation();
  if (!(await subject.control.comesTo('held'))) {
    throw new Error(`The rotation of ${subject.username} ended before ${step}.`);
  }
  const happened = await make();
  await subject.control.release();
  await subject.control.comesTo('idle');
  const struck = await happened();
  subject.proxy.mend();
  return struck;
}

async function killedAt(subject: Subject, at: Cut | ArmedFault): Promise<() => Promise<boolean>> {
  const kill = (): boolean => killWorkersOf(subject.rotatedBy.name) > 0;
  if (typeof at === 'string') {
    const killed = subject.proxy.arm(3, at).then(kill);
    return async () => (await didHappen(killed)) && (await killed);
  }
  const armed = await subject.control.arm(at);
  const killed = (async () => {
    while (!(await armed.struck())) {
      await delay(10);
    }
    return kill();
  })();
  return async () => {
    const done = await killed;
    await armed.disarm();
    // What the killed process had asked for is still on its way.
    await delay((at.seconds ?? 0) * 1000 + 200);
    return done;
  };
}

/** True when it has happened by now. */
function didHappen(event: Promise<unknown>): Promise<boolean> {
  return Promise.race([event.then(() => true), delay(50, false)]);
}
