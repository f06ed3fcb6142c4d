import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Admin, Credentials } from '../../../cluster/cluster.ts';
import { createMilvusRestCluster } from '../../../cluster/rest/milvus-rest-cluster.ts';
import { formsOf, leakedForms } from '../../support/password-forms.ts';
import { type RestAnswer, restServer } from '../support/rest-server.ts';
import { textOf } from '../support/text-of-answer.ts';

interface Sent {
  readonly user: Credentials;
  readonly admin: Admin;
  readonly newPassword: string;
}

const cluster = createMilvusRestCluster({ timeoutMs: 10_000 });

/** Requests that carry secrets. */
const REQUESTS = {
  authenticates: ({ user }: Sent) => cluster.authenticates(user),
  changePassword: ({ user, newPassword }: Sent) => cluster.changePassword(user, newPassword),
  resetPassword: ({ admin, newPassword }: Sent) => cluster.resetPassword(admin, 'someone', newPassword),
} as const;

/** Where a gateway or a cluster can repeat what it received. */
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
      const password = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 64 });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...ECHOES),
          password,
          password,
          fc.nat(),
          async (echo, own, newPassword, n) => {
            const token = `someone:${own}`;
            const secrets = request === 'authenticates' ? [token, own] : [token, own, newPassword];
            const user = { endpoint, username: 'someone', password: own };
            // One form of one secret, because a text with several of them is removed as a whole.
            const forms = secrets.flatMap(formsOf);
            answer = echo(forms[n % forms.length] ?? '');
            const text = await textOf(REQUESTS[request]({ user, admin: { endpoint, token }, newPassword }));
            expect(text).toMatch(/\[redacted|"rejected"|"forbidden"/);
            expect(leakedForms(text, secrets)).toEqual([]);
          },
        ),
        { numRuns: 60, endOnFailure: true },
      );
    },
    60_000,
  );
});
