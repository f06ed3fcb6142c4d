import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeFunction, PRODUCT, productVersionOf } from '../../telemetry/product-version.ts';

test('the version of a function can be read from its description', () => {
  expect(productVersionOf(describeFunction('Rotates credentials', '1.2.3+ab12cd34ef56'))).toBe('1.2.3+ab12cd34ef56');
  expect(productVersionOf('Rotates credentials (zilliz-secret-rotation)')).toBeUndefined();
  expect(productVersionOf(undefined)).toBeUndefined();
});

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the product is the package of the constructs', () => {
  expect(JSON.parse(read('packages/constructs/package.json'))).toMatchObject(PRODUCT);
});

test.each(['packages/cli/package.json', 'packages/client/package.json', 'python/pyproject.toml'])(
  '%s has the version of the product',
  (manifest) => {
    expect(/^ *"?version"?(?:: | = )"(.*)"/m.exec(read(manifest))?.[1]).toBe(PRODUCT.version);
  },
);
