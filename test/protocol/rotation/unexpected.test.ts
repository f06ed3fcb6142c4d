import { expect, it } from 'vitest';
import { RotationWorld } from '../../support/rotation-world.ts';

async function messageAfter(cause: unknown): Promise<string> {
  const world = new RotationWorld();
  const ports = world.portsWith({ store: { describe: () => Promise.reject(cause) } });
  const failure = (await world.step('setSecret', 't1', ports).catch((error: unknown) => error)) as Error;
  expect(failure).toMatchObject({ code: 'UNEXPECTED', retryable: true, step: 'setSecret' });
  return failure.message;
}

/** The message of an error that a library throws can quote a password. */
it.each([
  [
    'an error',
    Object.assign(new TypeError('quotes Secret-1'), {
      stack: 'TypeError: quotes Secret-1\n    at read (store.ts:1:2)\n    at x',
    }),
    'UNEXPECTED: TypeError at read (store.ts:1:2)',
  ],
  [
    'an error whose message looks like a place',
    Object.assign(new Error('a'), { stack: 'Error: Secret-1 at noon\n\t  at f (g.ts:1:1)' }),
    'UNEXPECTED: Error at f (g.ts:1:1)',
  ],
  [
    'an error without a place',
    Object.assign(new RangeError('Secret-1'), { stack: 'RangeError: Secret-1' }),
    'UNEXPECTED: RangeError',
  ],
  ['an error without a stack', Object.assign(new Error('Secret-1'), { stack: undefined }), 'UNEXPECTED: Error'],
  ['a thrown text', 'Secret-1', 'UNEXPECTED: string'],
])('an unknown error is reported by class and place, without its message: %s', async (_, cause, message) => {
  expect(await messageAfter(cause)).toBe(message);
});
