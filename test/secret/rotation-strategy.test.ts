import { expect, it } from 'vitest';
import { isRotationStrategy } from '../../secret/rotation-strategy.ts';

it.each([
  ['single-user', true],
  ['alternating-users', false],
  ['', false],
])('%j is a strategy: %s', (name, known) => {
  expect(isRotationStrategy(name)).toBe(known);
});
