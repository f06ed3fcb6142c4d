import { expect, it } from 'vitest';
import { isRotationStrategy } from '../../secret/rotation-strategy.ts';

it.each([
  ['single-user', true],
  ['alternating-users', false],
  ['', false],
])('isRotationStrategy of %j is %s', (name, known) => {
  expect(isRotationStrategy(name)).toBe(known);
});
