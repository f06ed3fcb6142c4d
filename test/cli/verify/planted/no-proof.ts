import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import type { Plant } from '../../support/verify-world.ts';
import { inStore, startAlways } from './of-secrets.ts';
import { otherwise } from './other-cluster.ts';

/** What must not be taken for a proof, or for a difference. */
export type NoProof = readonly ['user' | 'key', string, string, string, Plant];

export const NO_PROOF: readonly NoProof[] = [
  [
    'user',
    'milvus-descriptions',
    'not checked',
    'the server has no descriptions',
    ({ fixture: { adminCluster } }) => {
      adminCluster.descriptionAfter = async () => undefined;
    },
  ],
  [
    'user',
    'zilliz-propagation',
    'differs',
    'only REST learns late of a new password',
    ({ fixture }) => {
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
    },
  ],
  [
    'user',
    'milvus-usernames',
    'undecided',
    'the admin may describe no user',
    ({ fixture: { adminCluster } }) => {
      adminCluster.describeUser = async () => ({ kind: 'refused', answer: 'gRPC 7: permission deny' });
    },
  ],
  [
    'user',
    'milvus-refusal',
    'differs',
    'a refused call ran',
    ({ fixture: { cluster } }) => {
      const changePassword = cluster.changePassword.bind(cluster);
      cluster.changePassword = async (credentials, password) => {
        const change = await changePassword(credentials, password);
        if (change.kind === 'refused' && change.reason === 'unauthenticated') {
          cluster.setByHand(credentials.username, password);
        }
        return change;
      };
    },
  ],
  [
    'user',
    'aws-refused-start',
    'differs',
    'RotateSecret is not refused',
    ({ fixture: { aws } }) => {
      aws.rotation.startRotation = startAlways(aws.rotation.startRotation);
    },
  ],
  ...['sm-test-of-schedule', 'sm-next-date'].map(
    (id): NoProof => [
      'user',
      id,
      'undecided',
      'the function may not be invoked',
      ({ fixture: { aws } }) => {
        aws.rotation.scheduleRotation = async () => ({ kind: 'refused', reason: 'not-invocable', answer: '' });
      },
    ],
  ),
  [
    'user',
    'sm-labels-limit',
    'undecided',
    'this identity may add no label',
    inStore((store) => {
      store.addLabel = async () => {
        const about = { action: 'UpdateSecretVersionStage', code: 'AccessDeniedException', explanation: 'no' };
        throw new SecretStoreError({ ...about, kind: 'denied' });
      };
    }),
  ],
  [
    'user',
    'sm-steps',
    'undecided',
    'a step failed and was repeated',
    (world) => {
      world.failsOnce = true;
    },
  ],
  [
    'user',
    'aws-events',
    'holds',
    'the clock of this machine is five minutes fast',
    (world) => {
      world.skewMs = -300_000;
    },
  ],
  ...['sm-compare-and-swap', 'sm-versions-kept'].map(
    (id): NoProof => [
      'user',
      id,
      'undecided',
      'an earlier check could not store its version',
      inStore((store) => {
        const put = store.put.bind(store);
        store.put = async (version) => {
          if (version.labels.includes('verify-b')) {
            const about = { action: 'PutSecretValue', code: 'ThrottlingException', explanation: 'too many requests' };
            throw new SecretStoreError({ ...about, kind: 'unavailable' });
          }
          return await put(version);
        };
      }),
    ],
  ),
  [
    'user',
    'milvus-success-unproven',
    'undecided',
    'no change at once gets an answer',
    ({ fixture: { cluster } }) => {
      const changePassword = cluster.changePassword.bind(cluster);
      cluster.changePassword = async (user, password) =>
        user.password.startsWith('Rotated.')
          ? { kind: 'lost', answer: 'gRPC 14: connect ECONNREFUSED' }
          : await changePassword(user, password);
    },
  ],
  [
    'user',
    'milvus-each-call',
    'undecided',
    'the open connection ends',
    ({ fixture: { adminCluster } }) => {
      adminCluster.callAgainAfter = async (_caller, between) => {
        await between();
        return { kind: 'lost', answer: 'gRPC 14: connect ECONNREFUSED' };
      };
    },
  ],
];
