import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeFunction, PRODUCT, productVersionOf } from '../../telemetry/product-version.ts';

test('the version of a function can be read from its description', () => {
  expect(productVersionOf(describeFunction('Rotates credentials', '1.2.3+ab12cd34ef56'))).toBe('1.2.3+ab12cd34ef56');
  expect(productVersionOf('Rotates credentials (zilliz-secret-rotation)')).toBeUndefined();
  expect(productVersionOf(undefined)).toBeUndefined();
});

test('the product is the package of the constructs', () => {
  const manifest = new URL('../../packages/constructs/package.json', import.meta.url);
  expect(JSON.parse(readFileSync(manifest, 'utf8'))).toMatchObject(PRODUCT);
});
