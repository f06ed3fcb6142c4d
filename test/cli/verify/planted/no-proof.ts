import { ControlPlaneError } from '../../../../protocol/keys/control-plane.ts';
import { SecretStoreError } from '../../../../protocol/secret/secret-store.ts';
import type { Plant } from '../../support/verify-world.ts';
import { onlyOwnersManage } from './of-keys.ts';
import { inStore, startAlways } from './of-secrets.ts';
import { otherwise } from './other-cluster.ts';

/** What must not be taken for a proof, or for a difference. */
type NoProof = readonly ['user' | 'key', string, string, string, Plant];

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
    'sm-last-rotated',
    'differs',
    'the date was set before the rotation',
    inStore((store) => {
      Object.defineProperty(store, 'lastRotatedAt', { get: () => 1000, set: () => undefined });
    }),
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
  [
    'user',
    'sm-test-of-schedule',
    'undecided',
    'the function may not be invoked',
    ({ fixture: { aws } }) => {
      aws.rotation.scheduleRotation = async () => ({ kind: 'refused', reason: 'not-invocable', answer: '' });
    },
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
    'key',
    'sm-steps',
    'undecided',
    'the function reads no pins',
    ({ fixture: { aws } }) => {
      delete aws.environment['SECRET_TARGETS'];
    },
  ],
  [
    'key',
    'keys-address',
    'not checked',
    'the configuration names another address',
    ({ fixture: { aws } }) => {
      aws.environment['CONTROL_PLANE_URL'] = 'https://api.cloud.zilliz.com.cn';
    },
  ],
  [
    'key',
    'keys-names',
    'undecided',
    'the control plane gives no answer',
    ({ organization }) => {
      const create = organization.create.bind(organization);
      organization.create = async (key) => {
        if (key.description.endsWith('.')) {
          throw new ControlPlaneError('unavailable', 'POST: HTTP 500');
        }
        return await create(key);
      };
    },
  ],
  [
    'key',
    'keys-managers',
    'not checked',
    'the key of --like is no project Admin',
    (world) => {
      world.organization.changeScope(world.args.key.at(-1) ?? '', { orgRole: 'Billing-Admin', projects: [] });
      onlyOwnersManage(world);
    },
  ],
  [
    'key',
    'keys-listed',
    'differs',
    'the list cuts the names of keys',
    ({ organization }) => {
      const list = organization.list.bind(organization);
      organization.list = async () => (await list()).map((key) => ({ ...key, name: key.name.slice(0, 60) }));
    },
  ],
  [
    'key',
    'zilliz-propagation',
    'holds',
    'a deleted key is accepted for long',
    ({ organization, fixture: { cluster } }) => {
      cluster.acceptsKey = (key) => organization.everyKey.includes(key);
    },
  ],
  [
    'user',
    'sm-last-rotated',
    'undecided',
    'no rotation failed',
    ({ fixture: { aws } }) => {
      const { startRotation } = aws.rotation;
      aws.rotation.startRotation = async (secretId, token) => {
        const { store } = aws.secret(secretId);
        return store.valueOf(store.holder('AWSCURRENT') ?? '') === '{}'
          ? { kind: 'refused', reason: 'other', answer: '' }
          : await startRotation(secretId, token);
      };
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
