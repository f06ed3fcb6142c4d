import type { Continuation } from '../../faults/continuations.ts';
import { FAULTS, type Fault } from './faults.ts';
import type { Subject } from './subject.ts';

/**
 * A state in which a rotation may start. test/faults has more of them, in memory: these are states
 * that the servers make in another way than the fakes.
 */
interface StartingState {
  readonly prepare: (subject: Subject) => Promise<unknown>;
  /** The admin secret of the function may reset the user. */
  readonly mayReset?: true;
  /**
   * Attempts that the function may need, because the first attempt removes a version whose
   * password the cluster refuses.
   *
   * @default 1
   */
  readonly attempts?: 2;
}

export interface Scenario {
  readonly state: StartingState;
  readonly fault: Fault;
  readonly continuation: Continuation;
}

/** Longer than three logins take, shorter than the function waits for slow proxies. */
const LATE_PROXY_MS = 3000;

export const HEALTHY = 'a healthy secret';

const STARTING_STATES: Readonly<Record<string, StartingState>> = {
  [HEALTHY]: { prepare: () => Promise.resolve() },

  'a password changed outside, and an admin secret': {
    mayReset: true,
    prepare: (subject) => subject.changeOutside(),
  },

  'a password changed outside, an admin secret, and a cluster that refuses the next password': {
    mayReset: true,
    attempts: 2,
    prepare: async (subject) => {
      await subject.changeOutside();
      subject.balancer.refusesNextPassword = true;
    },
  },

  'a cluster that refuses the next password': {
    attempts: 2,
    prepare: async (subject) => {
      subject.balancer.refusesNextPassword = true;
    },
  },

  'AWSPENDING holds a password that Milvus refuses (row D)': {
    attempts: 2,
    prepare: async (subject) => await subject.store(subject.document(await subject.nextUser(), 'short'), 'AWSPENDING'),
  },

  'one of two proxies learns of a change late': {
    prepare: async (subject) => {
      subject.balancer.lateProxyMs = LATE_PROXY_MS;
    },
  },

  'a cluster restored from a backup, three rotations old (row G)': {
    prepare: (subject) => subject.restoreBackup(),
  },

  'a restored backup, and an older version that the KMS key refuses': {
    prepare: async (subject) => {
      const match = { VersionId: await subject.restoreBackup() };
      await subject.arm({ action: 'GetSecretValue', kind: 'key-failure', match, times: 1000 });
    },
  },
};

/** Every starting state but {@link HEALTHY} is combined with each of these faults. */
const FAULTS_OF_STATES: Readonly<Record<string, readonly Continuation[]>> = {
  none: ['the same token'],
  'setSecret: GetSecretValue: key-failure': ['the same token'],
  'setSecret: killed after the change': ['AWSPENDING removed, new token'],
  'finishSecret: UpdateSecretVersionStage: deny': ['AWSPENDING removed, new token'],
};

/** The scenarios by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  Object.entries(STARTING_STATES).flatMap(([name, state]) =>
    FAULTS.flatMap((fault) =>
      continuationsOf(name, state, fault).map((continuation): [string, Scenario] => [
        [name, fault.name, continuation].join('; '),
        { state, fault, continuation },
      ]),
    ),
  ),
);

function continuationsOf(name: string, { attempts }: StartingState, fault: Fault): readonly Continuation[] {
  if (name === HEALTHY) {
    return fault.continuations;
  }
  // The first of two attempts ends in setSecret.
  const isReached = attempts === undefined || !fault.name.startsWith('finishSecret');
  return isReached ? (FAULTS_OF_STATES[fault.name] ?? []) : [];
}
