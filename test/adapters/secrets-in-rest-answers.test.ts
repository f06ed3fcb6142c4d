import { describe, it } from 'vitest';
import { createMilvusRestCluster } from '../../adapters/milvus-rest-cluster.ts';
import { expectNoRepeatedSecret, type Sent } from './support/repeated-secrets.ts';
import { type RestAnswer, restServer } from './support/rest-server.ts';

const cluster = createMilvusRestCluster({ timeoutMs: 10_000 });

const REQUESTS = {
  authenticates: ({ user }: Sent) => cluster.authenticates(user),
  changePassword: ({ user, newPassword }: Sent) => cluster.changePassword(user, newPassword),
  resetPassword: ({ admin, newPassword }: Sent) => cluster.resetPassword(admin, 'someone', newPassword),
} as const;

/** The places of an answer where a gateway or a cluster can repeat what it received. */
const ECHOES: ReadonlyArray<(text: string) => RestAnswer> = [
  ...[1, 1100, 1400, 10_001, 65_535].map((code) => (message: string) => ({ status: 200, body: { code, message } })),
  (message) => ({ status: 401, body: { code: 1800, message } }),
  (message) => ({ status: 403, body: { code: 65_535, message: `rpc error: code = PermissionDenied ${message}` } }),
  ...[200, 307, 401, 403, 404, 408, 502].map((status) => (body: string) => ({ status, body })),
];

describe('a secret that a gateway or a cluster repeats over REST', () => {
  it.each(['authenticates', 'changePassword', 'resetPassword'] as const)(
    'leaves %s in no encoding',
    async (request) => {
      let answer: RestAnswer = { status: 502, body: '' };
      const { endpoint } = await restServer(() => answer);
      await expectNoRepeatedSecret(endpoint, request !== 'authenticates', ECHOES, (echo, repeated, sent) => {
        answer = echo(repeated);
        return REQUESTS[request](sent);
      });
    },
    60_000,
  );
});
