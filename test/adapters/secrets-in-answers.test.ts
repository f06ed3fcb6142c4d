import { describe, it } from 'vitest';
import { createMilvusCluster } from '../../adapters/milvus-cluster.ts';
import { createMilvusAdminCluster } from '../../cli/cluster/milvus-admin-cluster.ts';
import { type GrpcAnswer, grpcServer, statusMessage, userMessage } from './support/grpc-server.ts';
import { expectNoRepeatedSecret, type Sent } from './support/repeated-secrets.ts';

const cluster = createMilvusCluster({ timeoutMs: 10_000 });
const adminCluster = createMilvusAdminCluster();

const REQUESTS = {
  authenticates: ({ user }: Sent) => cluster.authenticates(user),
  changePassword: ({ user, newPassword }: Sent) => cluster.changePassword(user, newPassword),
  resetPassword: ({ admin, newPassword }: Sent) => cluster.resetPassword(admin, 'someone', newPassword),
  createUser: ({ admin, newPassword }: Sent) => adminCluster.createUser(admin, 'someone', newPassword),
} as const;

type Echo = (text: string, method: string) => GrpcAnswer;

const inDetails = (grpc: number): Echo => {
  return (text) => ({ grpc, details: encodeURIComponent(text) });
};

/** The places of an answer where a gateway or a cluster can repeat what it received. */
const ECHOES: readonly Echo[] = [
  ...[3, 7, 13, 14, 16].map(inDetails),
  (reason, method) => {
    const status = { errorCode: 1, code: 65535, reason };
    return { message: method === 'SelectUser' ? userMessage('someone', [], status) : statusMessage(status) };
  },
];

describe('a secret that a gateway or a cluster repeats', () => {
  it.each(['authenticates', 'changePassword', 'resetPassword', 'createUser'] as const)(
    'leaves %s in no encoding',
    async (request) => {
      let echo: Echo = inDetails(14);
      let text = '';
      const { endpoint } = await grpcServer(({ method }) => echo(text, method));
      await expectNoRepeatedSecret(endpoint, request !== 'authenticates', ECHOES, (place, repeated, sent) => {
        [echo, text] = [place, repeated];
        return REQUESTS[request](sent);
      });
    },
    60_000,
  );
});
