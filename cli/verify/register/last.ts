import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf, MAX_LABELS } from '../../../protocol/secret/versions.ts';
import { mapConcurrently } from '../../aws/map-concurrently.ts';
import { catchKnown } from '../../outcome/failure.ts';
import { waitUntil } from '../follow.ts';
import { accepts, compare, given, holdsIf, judgeAnswers, UndecidedError } from '../observation.ts';
import { storeCredential } from '../run.ts';
import type { Assumptions } from './assumption.ts';
import { ASSUMED, documented, GUIDE, readInMilvus, SEEN } from './evidence.ts';

/** More than the versions that Secrets Manager keeps without a label. */
const MANY_VERSIONS = 110;
const LIMIT_EXCEEDED = 'LimitExceededException';
const WRONG_LOGINS = 10;
/** Whether changes overlap is chance: on Milvus 2.3.5, more than half of the rounds have two. */
const ROUNDS = 20;
const AT_ONCE = 8;
/** What a reset of a user and of an unknown user may be: by an admin, and by two super users. */
const RESETS = ['old-password, old-password', 'changed, unknown-user', 'changed, changed'];

/** Last, because they leave no room for a version or a label, and lock or drop the user. */
export const LAST: Assumptions = {
  'sm-versions-kept': {
    behaviour:
      'Only versions without a label are deleted, whatever the label is, and none within 24 hours or among the newest 100.',
    evidence: documented(`${GUIDE}reference_limits.html`),
    ifFalse:
      'after a crash, or from a restored backup, the accepted password can be lost (NONE_IN_FORCE): an admin resets it',
    check: async (run) => {
      const labelled = await storeCredential(run, ['verify-a']);
      // Each of these loses its label to the next one.
      const unlabelled = await storeCredential(run, ['verify-b']);
      let newer = 0;
      for (let isFull = false; newer < MANY_VERSIONS && !isFull; newer += isFull ? 0 : 1) {
        const stored = await catchKnown(storeCredential(run, ['verify-b']), SecretStoreError);
        if (stored instanceof SecretStoreError && stored.code !== LIMIT_EXCEEDED) {
          throw stored;
        }
        isFull = stored instanceof SecretStoreError;
      }
      return compare({
        [`after ${newer} newer versions, one with a label is readable`]: (await run.store.read(labelled)) !== undefined,
        'one without a label is readable': (await run.store.read(unlabelled)) !== undefined,
      });
    },
  },
  'sm-labels-limit': {
    behaviour: 'A secret has at most 20 labels. Another one is refused.',
    evidence: documented(`${GUIDE}reference_limits.html`),
    ifFalse: 'LABELS_FULL or SECRETS_MANAGER_REFUSED before a password is sent',
    check: async ({ store }) => {
      const description = await store.describe();
      const to = holderOf(description, AWSCURRENT) ?? '';
      let count = description.versions.flatMap(({ labels }) => labels).length;
      for (; count <= MAX_LABELS; count += 1) {
        const refusal = await catchKnown(store.addLabel({ label: `verify-${count}`, to }), SecretStoreError);
        if (refusal instanceof SecretStoreError) {
          if (refusal.kind !== 'refused') {
            throw refusal;
          }
          return compare({ labels: [count, MAX_LABELS], 'the answer to another one': [refusal.code, LIMIT_EXCEEDED] });
        }
      }
      return holdsIf(false, `${count} labels are accepted`);
    },
  },
  'zilliz-no-lockout': {
    behaviour: 'Failed logins do not lock a user. A step sends one wrong password on purpose.',
    evidence: ASSUMED,
    ifFalse: 'the user is locked for a time, and steps fail with CLUSTER_NOT_READY or NONE_IN_FORCE',
    needs: ['user'],
    check: async ({ stored, newPassword, cluster }) => {
      if (!(await accepts(cluster, stored))) {
        throw new UndecidedError('The cluster does not accept the password of the user.');
      }
      for (let count = 0; count < WRONG_LOGINS; count += 1) {
        await cluster.authenticates({ ...stored, password: newPassword() });
      }
      const { kind } = await cluster.authenticates(stored);
      return compare({ [`after ${WRONG_LOGINS} wrong passwords, the right one`]: [kind, 'accepted'] });
    },
  },
  'milvus-success-unproven': {
    behaviour: 'A change compares nothing: of two at once, both report success, and one wins.',
    evidence: SEEN,
    ifFalse: 'logins after a change were not needed',
    needs: ['user'],
    check: async (run) => {
      const { cluster, newPassword, deployed } = run;
      let user = run.stored;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const former = user;
        const changed = Array.from({ length: AT_ONCE }, () => ({ ...former, password: newPassword() }));
        const changes = changed.map(async ({ password }) => await cluster.changePassword(former, password));
        const successes = (await Promise.all(changes)).filter(({ kind }) => kind === 'changed').length;
        if (successes > 1) {
          return holdsIf(true, `of ${AT_ONCE} changes at once, ${successes} report success`);
        }
        const isFound = await waitUntil(run, deployed.config.propagationMs, async () => {
          const logins = await mapConcurrently(changed, AT_ONCE, async (each) => await accepts(cluster, each));
          user = changed[logins.indexOf(true)] ?? user;
          return user !== former;
        });
        if (!isFound) {
          throw new UndecidedError('The cluster accepts none of the changed passwords.');
        }
      }
      return holdsIf(false, `${ROUNDS} times, one of ${AT_ONCE} changes at once reports success`);
    },
  },
  'milvus-super-user': {
    behaviour:
      'Only super users reset a password. Since 2.6.6 they are told `user not found`. Before, they create the user.',
    evidence: readInMilvus({
      'proxy/impl.go': { '2.4.18': 5062, '2.5.27': 5182 },
      'rootcoord/meta_table.go': { '2.6.20': 1635 },
    }),
    ifFalse: 'ADMIN_REFUSED, and nothing changes',
    needs: ['admin'],
    check: async ({ adminCluster, cluster, stored: { username }, newPassword, ...run }) => {
      const admin = given(run.admin);
      const known = await cluster.resetPassword(admin, username, newPassword());
      await adminCluster.dropUser(admin, username);
      // Milvus may create the user again. Its name is in a tag, so the removal drops it.
      const unknown = await cluster.resetPassword(admin, username, newPassword());
      return judgeAnswers(
        [
          ['a reset by the admin', known],
          ['of an unknown user', unknown],
        ],
        (words) => RESETS.includes(words.join(', ')),
      );
    },
  },
};
