import { expect, it } from 'vitest';
import { createControlPlane } from '../../adapters/http-control-plane.ts';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { formsOf, leakedForms } from '../support/password-forms.ts';
import { type RestAnswer, restServer } from './support/rest-server.ts';

const MANAGER_KEY = '0123456789abcdef0123456789abcdef01234567manager+';
const CREATED_KEY = 'fedcba9876543210<fedcba9876543210>&"created+key';
const KEY = { name: 'orders', description: '', scope: { orgRole: 'Member', projects: [] } };

/** Answers with a text and, if the request creates a key, with this key. */
const ECHOES: ReadonlyArray<(text: string, data: object) => RestAnswer> = [
  ...[200, 400, 403, 503].map((status) => (message: string, data: object) => ({
    status,
    body: { code: 12_345, message, data },
  })),
  ...[200, 404].map((status) => (body: string) => ({ status, body })),
  (message) => ({ status: 302, body: '', headers: { location: `/${encodeURIComponent(message)}` } }),
  (message) => ({ status: 200, body: { code: 0, data: { apiKey: message } } }),
];

it.each([
  ['the manager key', MANAGER_KEY],
  ['a created key', CREATED_KEY],
])('no error holds %s in any encoding, wherever the control plane repeats it', async (_, secret) => {
  let answer: RestAnswer = { status: 200, body: '' };
  const { endpoint } = await restServer(() => answer);
  const controlPlane = createControlPlane(
    MANAGER_KEY,
    { ...DEFAULT_CONTROL_PLANE, url: endpoint.url },
    { timeoutMs: 10_000 },
  );
  for (const echo of ECHOES) {
    for (const form of formsOf(secret)) {
      answer = echo(`why ${form}`, { apiKeyId: 'key-1', apiKey: CREATED_KEY });
      for (const request of [() => controlPlane.create(KEY), () => controlPlane.list()]) {
        const failure = await request().catch((error: unknown) => error);
        expect(failure).toMatchObject({ name: 'ControlPlaneError' });
        const { message, stack, ...fields } = failure as Error;
        expect(leakedForms(`${message} ${stack} ${JSON.stringify(fields)}`, [secret])).toEqual([]);
      }
    }
  }
});

it('an error still tells why, and removes a key that was created before', async () => {
  let answer: RestAnswer = { status: 200, body: { code: 0, data: { apiKeyId: 'key-1', apiKey: CREATED_KEY } } };
  const { endpoint } = await restServer(() => answer);
  const controlPlane = createControlPlane(
    MANAGER_KEY,
    { ...DEFAULT_CONTROL_PLANE, url: endpoint.url },
    { timeoutMs: 10_000 },
  );
  await controlPlane.create(KEY);
  answer = { status: 200, body: { code: 12_345, message: `no room for ${CREATED_KEY} of ${MANAGER_KEY} here` } };

  await expect(controlPlane.list()).rejects.toMatchObject({
    message: expect.stringMatching(/code 12345: no room for \[redacted\].* of \[redacted\] here$/),
  });
});
