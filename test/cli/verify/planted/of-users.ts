import type { Change, Cluster, Login } from '../../../../protocol/cluster/cluster.ts';
import { replace } from '../../support/replace.ts';
import { NO_REST, otherwise, type Planted, withKey, withUser } from './planted.ts';

const REJECTED: Login = { kind: 'rejected' };
const UNCLEAR: Change = { kind: 'refused', reason: 'unclear', answer: 'REST 65535: no' };
const OLD_PASSWORD: Change = { kind: 'refused', reason: 'old-password', answer: 'REST 1400: wrong' };

/** On the cluster. */
export const OF_USERS: readonly Planted[] = [
  overRest('milvus-rest-success', 'differs', 'the user is rejected', { authenticates: async () => REJECTED }),
  withUser('milvus-self', 'differs', 'a user may not describe itself', ({ fixture }) => {
    fixture.cluster.authenticates = async () => ({ kind: 'forbidden' });
  }),
  withUser('milvus-refusal', 'differs', 'a refused call ran', ({ fixture: { cluster } }) => {
    replace(cluster, 'changePassword', (changePassword) => async (credentials, password) => {
      const change = await changePassword(credentials, password);
      if (change.kind === 'refused' && change.reason === 'unauthenticated') {
        cluster.setByHand(credentials.username, password);
      }
      return change;
    });
  }),
  overRest('milvus-forbidden', 'differs', 'the code is another one', {
    resetPassword: async ({ token }, username) => (token.startsWith(`${username}:`) ? OLD_PASSWORD : UNCLEAR),
  }),
  withUser('milvus-old-password', 'differs', 'a user needs no old password', ({ fixture: { cluster } }) => {
    cluster.resetPassword = async (caller, username, password) => {
      cluster.setByHand(username, password);
      return caller.token.startsWith(`${username}:`)
        ? { kind: 'changed' }
        : { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: no' };
    };
  }),
  withUser('milvus-usernames', 'differs', 'a long name is only absent', ({ fixture: { adminCluster } }) => {
    adminCluster.describeUser = async () => ({ kind: 'absent' });
  }),
  withUser('milvus-usernames', 'undecided', 'the admin may describe no user', ({ fixture: { adminCluster } }) => {
    adminCluster.describeUser = async () => ({ kind: 'refused', answer: 'gRPC 7: permission deny' });
  }),
  withUser('milvus-password-length', 'differs', 'five characters are enough', ({ fixture: { cluster } }) => {
    replace(cluster, 'changePassword', (changePassword) => async (credentials, password) => {
      if (password.length !== 5) {
        return await changePassword(credentials, password);
      }
      cluster.setByHand(credentials.username, password);
      return { kind: 'changed' };
    });
  }),
  withUser('zilliz-password', 'differs', 'a character is forbidden', ({ fixture: { cluster } }) => {
    cluster.refuses = (password) => password.includes('@');
  }),
  withUser('zilliz-own-password', 'differs', 'a user needs a role', ({ fixture: { cluster } }) => {
    cluster.changePassword = async ({ password }) =>
      password.startsWith('Pw.')
        ? { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: no' }
        : { kind: 'refused', reason: 'unauthenticated', answer: 'gRPC 16: no' };
  }),
  withUser('milvus-each-call', 'differs', 'an open connection stays valid', ({ fixture: { adminCluster } }) => {
    adminCluster.callAgainAfter = async (_caller, between) => {
      await between();
      return { kind: 'done' };
    };
  }),
  withUser('milvus-each-call', 'undecided', 'the open connection ends', ({ fixture: { adminCluster } }) => {
    adminCluster.callAgainAfter = async (_caller, between) => {
      await between();
      return { kind: 'lost', answer: 'gRPC 14: connect ECONNREFUSED' };
    };
  }),
  withUser('milvus-descriptions', 'differs', 'a change erases them', ({ fixture: { adminCluster } }) => {
    adminCluster.descriptionAfter = async (_user, _description, changePassword) => {
      await changePassword();
      return '';
    };
  }),
  withUser('milvus-descriptions', 'not checked', 'the server has none', ({ fixture: { adminCluster } }) => {
    adminCluster.descriptionAfter = async () => undefined;
  }),
  withUser('zilliz-propagation', 'differs', 'only REST learns late', ({ fixture }) => {
    const { cluster, clock } = fixture;
    const seenAt = new Map<string, number>();
    fixture.restCluster = otherwise(cluster, {
      authenticates: async (credentials) => {
        const { password } = credentials;
        const first = seenAt.get(password) ?? clock.now();
        seenAt.set(password, first);
        return clock.now() - first < 20_000 ? { kind: 'rejected' } : await cluster.authenticates(credentials);
      },
    });
  }),
  withUser('milvus-success-unproven', 'differs', 'changes wait for each other', ({ fixture: { cluster } }) => {
    let last: Promise<unknown> = Promise.resolve();
    replace(cluster, 'changePassword', (changePassword) => async (...change) => {
      const next = last.then(async () => await changePassword(...change));
      last = next;
      return await next;
    });
  }),
  withUser('milvus-success-unproven', 'undecided', 'no change gets an answer', ({ fixture: { cluster } }) => {
    replace(cluster, 'changePassword', (changePassword) => async (user, password) => {
      return user.password.startsWith('Rotated.')
        ? { kind: 'lost', answer: 'gRPC 14: connect ECONNREFUSED' }
        : await changePassword(user, password);
    });
  }),
  withUser('milvus-super-user', 'differs', 'a super user gets another answer', ({ fixture: { cluster } }) => {
    cluster.superUsers = ['admin'];
    replace(cluster, 'resetPassword', (resetPassword) => async (...request) => {
      const change = await resetPassword(...request);
      return change.kind === 'refused' && change.reason === 'unknown-user' ? { ...change, reason: 'unclear' } : change;
    });
  }),
  withUser('milvus-super-user', 'holds', 'the admin is a super user', ({ fixture: { cluster } }) => {
    cluster.superUsers = ['admin'];
  }),
  withUser('zilliz-no-lockout', 'differs', 'ten wrong passwords lock a user', ({ fixture: { cluster } }) => {
    const accepted = new Set<string>();
    let wrong = 0;
    replace(cluster, 'authenticates', (authenticates) => async (credentials) => {
      const login = await authenticates(credentials);
      wrong += login.kind === 'rejected' && !accepted.has(credentials.password) ? 1 : 0;
      if (login.kind === 'accepted') {
        accepted.add(credentials.password);
      }
      return wrong < 10 ? login : { kind: 'rejected' };
    });
  }),
  withKey('zilliz-key-call', 'differs', 'REST refuses keys', ({ fixture }) => {
    fixture.restCluster = otherwise(fixture.cluster, NO_REST);
  }),
];

/** Over REST only, the cluster gives these answers. */
function overRest(id: string, verdict: string, why: string, answers: Partial<Cluster>): Planted {
  return withUser(id, verdict, `REST: ${why}`, ({ fixture }) => {
    fixture.restCluster = otherwise(fixture.cluster, answers);
  });
}
