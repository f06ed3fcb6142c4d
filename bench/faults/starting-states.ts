import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import type { Subject } from './subject.ts';

/**
 * A state in which a rotation may start. test/faults has more of them, in memory: these are states
 * that the servers make in another way than the fakes.
 */
export interface StartingState {
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

/** Longer than three logins take, shorter than the function waits for slow proxies. */
const LATE_PROXY_MS = 3000;

export const HEALTHY = 'a healthy secret';

export const STARTING_STATES: Readonly<Record<string, StartingState>> = {
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
    prepare: async (subject) =>
      await subject.storeByHand(subject.document(await subject.nextUser(), 'short'), 'AWSPENDING'),
  },

  'one of two proxies learns of a change late': {
    prepare: async (subject) => {
      subject.balancer.lateProxyMs = LATE_PROXY_MS;
    },
  },

  'a cluster restored from a backup, three rotations old (row G)': {
    prepare: restoreBackup,
  },

  'a restored backup, and an older version that the KMS key refuses': {
    prepare: async (subject) => {
      const match = { VersionId: await restoreBackup(subject) };
      await subject.arm({ action: 'GetSecretValue', kind: 'key-failure', match, times: 1000 });
    },
  },
};

/** @returns a version without a label, which is newer than the version of the backup. */
async function restoreBackup(subject: Subject): Promise<string | undefined> {
  const backup = await subject.acceptedPasswords();
  await subject.attempt();
  const { [AWSCURRENT]: newer } = await subject.labels();
  await subject.attempt();
  await subject.attempt();
  await subject.changeOutside(backup);
  return newer;
}
