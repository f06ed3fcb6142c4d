import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMilvusAdminCluster } from '../../../cli/cluster/milvus-admin-cluster.ts';
import type { Admin, Credentials } from '../../../cluster/cluster.ts';
import { createMilvusCluster } from '../../../cluster/grpc/milvus-cluster.ts';
import { formsOf, leakedForms } from '../../support/password-forms.ts';
import { type GrpcAnswer, grpcServer, statusMessage, userMessage } from '../support/grpc-server.ts';
import { textOf } from '../support/text-of-answer.ts';

interface Sent {
  readonly user: Credentials;
  readonly admin: Admin;
  readonly newPassword: string;
}

const cluster = createMilvusCluster({ timeoutMs: 10_000 });
const adminCluster = createMilvusAdminCluster();

/** Requests that carry secrets. */
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

/** Where a gateway or a cluster can repeat what it received. */
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
      const password = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 64 });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...ECHOES),
          password,
          password,
          fc.nat(),
          async (place, own, newPassword, n) => {
            const token = `someone:${own}`;
            const secrets = request === 'authenticates' ? [token, own] : [token, own, newPassword];
            const user = { endpoint, username: 'someone', password: own };
            // One form of one secret, because a text with several of them is removed as a whole.
            const forms = secrets.flatMap(formsOf);
            text = forms[n % forms.length] ?? '';
            echo = place;
            const answer = await textOf(REQUESTS[request]({ user, admin: { endpoint, token }, newPassword }));
            expect(answer).toMatch(/\[redacted|"rejected"|"forbidden"/);
            expect(leakedForms(answer, secrets)).toEqual([]);
          },
        ),
        { numRuns: 60, endOnFailure: true },
      );
    },
    60_000,
  );
});
