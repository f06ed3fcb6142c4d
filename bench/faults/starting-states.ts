import type { Continuation } from './continuations.ts';
import { FAULTS } from './faults.ts';
import type { Subject } from './subject.ts';

/** A state in which a rotation may start. test/faults has similar states in memory. */
export interface StartingState {
  readonly prepare: (subject: Subject) => Promise<unknown>;
  /** The configuration pins host and users of a secret whose users take turns. */
  readonly singleUserOnly?: true;
  /** The admin secret of the function may reset the user. */
  readonly isPinned?: true;
  /**
   * Attempts that the function may need, because the first attempt removes a version whose
   * password the cluster refuses.
   *
   * @default 1
   */
  readonly attempts?: 2;
  /** The first attempt fails on purpose, and this follows. */
  readonly afterFirstAttempt?: Continuation;
}

/** Longer than three logins take, shorter than the function waits for slow proxies. */
const LATE_PROXY_MS = 3000;
const LABELS_OF_THE_OWNER = 8;
/** The labels that Secrets Manager allows, without AWS's, the owner's and a spare label. */
const ROOM_FOR_SENT_LABELS = 8;

export const HEALTHY = 'a healthy secret';

export const STARTING_STATES: Readonly<Record<string, StartingState>> = {
  [HEALTHY]: { prepare: () => Promise.resolve() },

  'a password changed outside, and an admin secret': {
    isPinned: true,
    prepare: (subject) => subject.changeOutside(),
  },

  'a password changed outside, an admin secret, and a cluster that refuses the next password': {
    isPinned: true,
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
    afterFirstAttempt: 'the same token',
    prepare: async (subject) =>
      await subject.storeByHand(subject.document('short', { username: await subject.nextUser() }), 'AWSPENDING'),
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

  'a secret moved to another host': {
    singleUserOnly: true,
    prepare: async (subject) => {
      await subject.rotate();
      const { password } = await subject.current();
      await subject.moveTo({ balancer: await subject.addHost() }, password);
      await changeWithoutPromotion(subject);
    },
  },

  'a secret moved to another user': {
    singleUserOnly: true,
    prepare: async (subject) => {
      await subject.rotate();
      const username = `other_${await subject.nextUser()}`;
      await subject.moveTo({ usernames: [username] }, await subject.users.add(username));
      await changeWithoutPromotion(subject);
    },
  },

  'eight labels of the owner, and rotations whose AWSPENDING was removed': {
    prepare: async (subject) => {
      for (let label = 1; label <= LABELS_OF_THE_OWNER; label++) {
        await subject.addLabel(`owner-${label}`);
      }
      subject.balancer.disconnect();
      for (let rotations = 0; rotations < ROOM_FOR_SENT_LABELS; rotations++) {
        await subject.rotate();
        await subject.removePendingByHand();
      }
      subject.balancer.restore();
    },
  },

  'AWSPENDING names another host (row H)': {
    afterFirstAttempt: 'AWSPENDING removed, new token',
    prepare: async (subject) => {
      const balancer = await subject.addHost();
      const username = await subject.nextUser();
      const { password } = await subject.current();
      await subject.storeByHand(subject.document(password, { balancer, username }), 'AWSPENDING');
    },
  },

  'AWSPENDING names another user (row H)': {
    afterFirstAttempt: 'AWSPENDING removed, new token',
    prepare: async (subject) => {
      const username = `other_${await subject.nextUser()}`;
      await subject.storeByHand(subject.document(await subject.users.add(username), { username }), 'AWSPENDING');
    },
  },
};

/** @returns a version without a label, which is newer than the version of the backup. */
async function restoreBackup(subject: Subject): Promise<string | undefined> {
  const backup = await subject.acceptedPasswords();
  await subject.rotate();
  const newer = await subject.holder('AWSCURRENT');
  await subject.rotate();
  await subject.rotate();
  await subject.changeOutside(backup);
  return newer;
}

/** Changes the password, and removes AWSPENDING before AWSCURRENT moves. */
async function changeWithoutPromotion(subject: Subject): Promise<void> {
  await FAULTS['testSecret: no network']?.inject(subject);
  await subject.removePendingByHand();
}
