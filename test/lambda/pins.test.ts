import { describe, expect, it } from 'vitest';
import { createPinsReader } from '../../lambda/pins.ts';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import {
  formatPinsLocation,
  type PinsLocation,
  parsePinsLocation,
  pinsSecretOf,
  pinsSecrets,
} from '../../protocol/secret/pins.ts';
import type { PinsBySecret } from '../../protocol/secret/rotated-secrets.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';

const LOCATION = { prefix: 'zilliz-rotation-pins/rotation/Function/3', count: 3, isComplete: false };
const EACH = { prefix: 'zilliz-rotation-pins/each', count: 'each', isComplete: true } as const;
const FIRST = { step: 'createSecret', token: 't1' } as const;
const PINS: PinsBySecret = { 'milvus/orders': { endpoint: 'https://milvus.internal', usernames: ['a', 'b'] } };

/** A reader, and the names of the secrets that it has read. */
function readerOf(
  readSecret: (name: string) => Promise<string>,
  location: PinsLocation = LOCATION,
): { read: ReturnType<typeof createPinsReader>; names: string[] } {
  const names: string[] = [];
  const read = createPinsReader(location, (name) => {
    names.push(name);
    return readSecret(name);
  });
  return { read, names };
}

const stored = (): Promise<string> => Promise.resolve(JSON.stringify(PINS));

describe('the pins of a function', () => {
  it('are in the environment, without a call', async () => {
    const read = createPinsReader({ orders: { username: 'a' } }, () => Promise.reject(new Error('was read')));
    expect(await read('orders', FIRST)).toEqual({ orders: { username: 'a' } });
  });

  it('are in the secret that the name of the rotated secret decides', async () => {
    const { read, names } = readerOf(stored);
    expect(await read('milvus/orders', FIRST)).toEqual(PINS);
    expect(names).toEqual([pinsSecretOf('milvus/orders', LOCATION)]);
    expect(pinsSecrets(LOCATION)).toContain(names[0]);
  });

  it('are in a secret of their own for each rotated secret', async () => {
    const { read, names } = readerOf(stored, EACH);
    expect(await read('milvus/orders', FIRST)).toEqual(PINS);
    expect(names).toEqual(['zilliz-rotation-pins/each/milvus/orders']);
  });

  it('are read anew when a rotation begins, and once for its other steps', async () => {
    const { read, names } = readerOf(stored);
    for (const step of STEPS) {
      await read('milvus/orders', { step, token: 't1' });
    }
    expect(names).toHaveLength(1);
    await read('milvus/orders', { step: 'createSecret', token: 't1' });
    await read('milvus/orders', { step: 'createSecret', token: 't2' });
    expect(names).toHaveLength(3);
  });

  it.each([
    ['of another rotation', 'milvus/orders', 't2'],
    ['of another secret', 'milvus/search', 't1'],
  ])('are not those %s', async (_, name, token) => {
    const { read, names } = readerOf(stored);
    await read('milvus/orders', { step: 'testSecret', token: 't1' });
    await read(name, { step: 'testSecret', token });
    expect(names).toHaveLength(2);
  });

  it('stop the rotation if the secret with them cannot be read, and are then read again', async () => {
    let works = false;
    const denied = new SecretStoreError({
      action: 'GetSecretValue',
      code: 'AccessDeniedException',
      kind: 'denied',
      explanation: 'no permission',
    });
    const { read } = readerOf(() => (works ? stored() : Promise.reject(denied)));
    await expect(read('milvus/orders', FIRST)).rejects.toMatchObject({
      code: 'PINS_UNREADABLE',
      retryable: true,
      message: expect.stringContaining(pinsSecretOf('milvus/orders', LOCATION)),
    });
    works = true;
    expect(await read('milvus/orders', FIRST)).toEqual(PINS);
  });

  it.each(['', 'not JSON', '[]', '{"milvus/orders":{"password":"Secret-1"}}'])(
    'stop the rotation if the secret holds something else: %j',
    async (text) => {
      const { read } = readerOf(() => Promise.resolve(text));
      const refusal = await read('milvus/orders', FIRST).catch((error: Error) => error);
      expect(refusal).toMatchObject({ code: 'PINS_UNREADABLE' });
      expect(String(refusal)).not.toContain('Secret-1');
    },
  );
});

describe('the location of pins', () => {
  it('is the value of SECRET_TARGETS', () => {
    expect(formatPinsLocation(LOCATION)).toBe('pins:zilliz-rotation-pins/rotation/Function/3:3');
    expect(formatPinsLocation({ ...LOCATION, isComplete: true })).toMatch(/:3:all$/);
    expect(formatPinsLocation(EACH)).toBe('pins:zilliz-rotation-pins/each:each:all');
    for (const location of [LOCATION, { ...LOCATION, isComplete: true }, EACH]) {
      expect(parsePinsLocation(formatPinsLocation(location))).toEqual(location);
    }
  });

  it.each(['{}', 'pins:', 'pins:a', 'pins:a:0', 'pins:a:x', 'pins:a b:1', 'pins:a:1000', 'pins:a:each'])(
    'is not %j',
    (text) => {
      expect(parsePinsLocation(text)).toBeUndefined();
    },
  );
});
