import fc from 'fast-check';
import { expect } from 'vitest';
import type { Admin, Credentials } from '../../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../../protocol/cluster/endpoint.ts';
import { formsOf, leakedForms } from '../../support/password-forms.ts';

/** The secrets of one request, as the parameters of the ports. */
export interface Sent {
  readonly user: Credentials;
  readonly admin: Admin;
  readonly newPassword: string;
}

/**
 * Sends a request with 60 random pairs of passwords to a server that repeats a form of one secret.
 * Asserts that the answer holds no form of any.
 *
 * @param echoes where the server can repeat a text.
 * @param send makes the server repeat the text there, and sends the request.
 */
export async function expectNoRepeatedSecret<Echo>(
  endpoint: Endpoint,
  sendsNewPassword: boolean,
  echoes: readonly Echo[],
  send: (echo: Echo, text: string, sent: Sent) => Promise<unknown>,
): Promise<void> {
  const password = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 64 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...echoes), password, password, fc.nat(), async (echo, own, newPassword, n) => {
      const token = `someone:${own}`;
      const secrets = sendsNewPassword ? [token, own, newPassword] : [token, own];
      const user = { endpoint, username: 'someone', password: own };
      // One form of one secret, because a text with several of them is removed as a whole.
      const forms = secrets.flatMap(formsOf);
      const text = forms[n % forms.length] ?? '';
      const answer = await textOf(send(echo, text, { user, admin: { endpoint, token }, newPassword }));
      expect(answer).toMatch(/\[redacted|"rejected"|"forbidden"/);
      expect(leakedForms(answer, secrets)).toEqual([]);
    }),
    { numRuns: 60, endOnFailure: true },
  );
}

/** All text that the caller of a request gets. */
async function textOf(answer: Promise<unknown>): Promise<string> {
  try {
    const value = await answer;
    return `${JSON.stringify(value)} ${Object.values(value as object).join(' ')}`;
  } catch (error) {
    return `${String(error)} ${JSON.stringify(error)}`;
  }
}
