import { expect, it } from 'vitest';
import { orError } from '../../../cli/outcome/or-error.ts';

it('an expected error is a value, and every other error is thrown', async () => {
  const expected = new RangeError('expected');

  expect(await orError(Promise.resolve(1), RangeError)).toBe(1);
  expect(await orError(Promise.reject(expected), RangeError)).toBe(expected);
  await expect(orError(Promise.reject(new TypeError('a fault')), RangeError)).rejects.toThrow('a fault');
});
