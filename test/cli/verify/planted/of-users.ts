import type { Plants } from '../../support/verify-world.ts';
import { otherwise } from './other-cluster.ts';

export const OF_USERS: Plants = {
  'milvus-rest-success': ({ fixture }) => {
    fixture.restCluster = otherwise(fixture.cluster, { authenticates: async () => ({ kind: 'rejected' }) });
  },
  'milvus-self': ({ fixture }) => {
    fixture.cluster.authenticates = async () => ({ kind: 'forbidden' });
  },
  'milvus-refusal': ({ fixture }) => {
    fixture.restCluster = otherwise(fixture.cluster, {
      changePassword: async () => ({ kind: 'refused', reason: 'unclear', answer: 'REST 65535: no' }),
    });
  },
  'milvus-forbidden': ({ fixture }) => {
    fixture.restCluster = otherwise(fixture.cluster, {
      resetPassword: async ({ token }, username) =>
        token.startsWith(`${username}:`)
          ? { kind: 'refused', reason: 'old-password', answer: 'REST 1400: wrong' }
          : { kind: 'refused', reason: 'unclear', answer: 'REST 65535: no' },
    });
  },
  'milvus-old-password': ({ fixture: { cluster } }) => {
    cluster.resetPassword = async (caller, username, password) => {
      cluster.setByHand(username, password);
      return caller.token.startsWith(`${username}:`)
        ? { kind: 'changed' }
        : { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: no' };
    };
  },
  'milvus-password-length': ({ fixture: { cluster } }) => {
    const changePassword = cluster.changePassword.bind(cluster);
    cluster.changePassword = async (credentials, password) => {
      if (password.length !== 5) {
        return await changePassword(credentials, password);
      }
      cluster.setByHand(credentials.username, password);
      return { kind: 'changed' };
    };
  },
  'zilliz-password': ({ fixture: { cluster } }) => {
    cluster.refuses = (password) => password.includes('@');
  },
  'zilliz-own-password': ({ fixture: { cluster } }) => {
    cluster.changePassword = async ({ password }) =>
      password.startsWith('Pw.')
        ? { kind: 'refused', reason: 'forbidden', answer: 'gRPC 7: no' }
        : { kind: 'refused', reason: 'unauthenticated', answer: 'gRPC 16: no' };
  },
  'milvus-each-call': ({ fixture: { adminCluster } }) => {
    adminCluster.callAgainAfter = async (_caller, between) => {
      await between();
      return { kind: 'done' };
    };
  },
  'milvus-descriptions': ({ fixture: { adminCluster } }) => {
    adminCluster.descriptionAfter = async (_user, _description, changePassword) => {
      await changePassword();
      return '';
    };
  },
  'zilliz-propagation': ({ fixture: { cluster, clock } }) => {
    cluster.proxies = { delaysMs: [20_000], now: clock.now, choose: () => 0 };
  },
  'milvus-success-unproven': ({ fixture: { cluster } }) => {
    const changePassword = cluster.changePassword.bind(cluster);
    let last: Promise<unknown> = Promise.resolve();
    cluster.changePassword = async (...change) => {
      const next = last.then(async () => await changePassword(...change));
      last = next;
      return await next;
    };
  },
  'milvus-super-user': ({ fixture: { cluster } }) => {
    cluster.superUsers = ['admin'];
    const resetPassword = cluster.resetPassword.bind(cluster);
    cluster.resetPassword = async (caller, username, password) => {
      const change = await resetPassword(caller, username, password);
      return change.kind === 'refused' && change.reason === 'unknown-user' ? { ...change, reason: 'unclear' } : change;
    };
  },
  'zilliz-no-lockout': ({ fixture: { cluster } }) => {
    const authenticates = cluster.authenticates.bind(cluster);
    const accepted = new Set<string>();
    let wrong = 0;
    cluster.authenticates = async (credentials) => {
      const login = await authenticates(credentials);
      wrong += login.kind === 'rejected' && !accepted.has(credentials.password) ? 1 : 0;
      if (login.kind === 'accepted') {
        accepted.add(credentials.password);
      }
      return wrong < 10 ? login : { kind: 'rejected' };
    };
  },
  'milvus-usernames': ({ fixture: { adminCluster } }) => {
    adminCluster.describeUser = async () => ({ kind: 'absent' });
  },
};
