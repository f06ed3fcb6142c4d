import { describe, expect, it } from 'vitest';
import { createPinsReader, PINS_FRESH_FOR_MS, type PinsReader } from '../../lambda/pins.ts';
import { formatPinsLocation, parsePinsLocation, pinsSecretOf, pinsSecrets } from '../../protocol/secret/pins.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';

const LOCATION = { prefix: 'zilliz-rotation-pins/rotation/Function', count: 3 };
const PINS = { 'milvus/orders': { endpoint: 'https://milvus.internal', usernames: ['a', 'b'] } };

/** A reader with a clock, and the names of the secrets that it has read. */
function readerOf(readSecret: (name: string) => Promise<string>): {
  read: PinsReader;
  names: string[];
  clock: { now: number };
} {
  const names: string[] = [];
  const clock = { now: 0 };
  const read = createPinsReader(
    LOCATION,
    (name) => {
      names.push(name);
      return readSecret(name);
    },
    () => clock.now,
  );
  return { read, names, clock };
}

const stored = (): Promise<string> => Promise.resolve(JSON.stringify(PINS));

describe('the pins of a function', () => {
  it('are in the environment, without a call', async () => {
    const read = createPinsReader({ orders: { username: 'a' } }, () => Promise.reject(new Error('was read')));
    expect(await read('orders')).toEqual({ orders: { username: 'a' } });
  });

  it('are in the secret that the name of the rotated secret decides', async () => {
    const { read, names } = readerOf(stored);
    expect(await read('milvus/orders')).toEqual(PINS);
    expect(names).toEqual([pinsSecretOf('milvus/orders', LOCATION)]);
    expect(pinsSecrets(LOCATION)).toContain(names[0]);
  });

  it('are read again after a minute, also if the clock was set back', async () => {
    const { read, names, clock } = readerOf(stored);
    await read('milvus/orders');
    clock.now = PINS_FRESH_FOR_MS;
    await read('milvus/orders');
    expect(names).toHaveLength(1);
    clock.now = PINS_FRESH_FOR_MS + 1;
    await read('milvus/orders');
    expect(names).toHaveLength(2);
    clock.now = 0;
    await read('milvus/orders');
    expect(names).toHaveLength(3);
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
    await expect(read('milvus/orders')).rejects.toMatchObject({
      code: 'PINS_UNREADABLE',
      retryable: true,
      message: expect.stringContaining(pinsSecretOf('milvus/orders', LOCATION)),
    });
    works = true;
    expect(await read('milvus/orders')).toEqual(PINS);
  });

  it.each(['', 'not JSON', '[]', '{"milvus/orders":{"password":"Secret-1"}}'])(
    'stop the rotation if the secret holds something else: %j',
    async (text) => {
      const { read } = readerOf(() => Promise.resolve(text));
      const refusal = await read('milvus/orders').catch((error: Error) => error);
      expect(refusal).toMatchObject({ code: 'PINS_UNREADABLE' });
      expect(String(refusal)).not.toContain('Secret-1');
    },
  );
});

describe('the location of pins', () => {
  it('is the value of SECRET_TARGETS', () => {
    expect(formatPinsLocation(LOCATION)).toBe('pins:zilliz-rotation-pins/rotation/Function:3');
    expect(parsePinsLocation(formatPinsLocation(LOCATION))).toEqual(LOCATION);
  });

  it.each(['{}', 'pins:', 'pins:a', 'pins:a:0', 'pins:a:x', 'pins:a b:1', 'pins:a:1000'])('is not %j', (text) => {
    expect(parsePinsLocation(text)).toBeUndefined();
  });
});
