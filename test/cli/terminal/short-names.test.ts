import { describe, expect, it } from 'vitest';
import { shortNames } from '../../../cli/terminal/text.ts';

const arnOf = (name: string, region = 'us-east-1'): string =>
  `arn:aws:secretsmanager:${region}:000000000000:secret:${name}-a1B2c3`;

describe('the short name of a secret', () => {
  it.each([
    ['milvus/orders', 'milvus/orders'],
    [arnOf('milvus/orders'), 'milvus/orders'],
    [arnOf('milvus-orders-abcdef'), 'milvus-orders-abcdef'],
    ['arn:aws:secretsmanager:us-east-1:000000000000:secret:milvus/orders', undefined],
  ])('of %s is its name, if the ARN is complete', (secretId, name = secretId) => {
    expect(shortNames([secretId])(secretId)).toBe(name);
  });

  it('stays an ARN if two secrets have the same name', () => {
    const [first, second] = [arnOf('orders'), arnOf('orders', 'eu-west-1')];
    const nameOf = shortNames([first, second, second, arnOf('search')]);

    expect([first, second, arnOf('search')].map(nameOf)).toEqual([first, second, 'search']);
  });
});
