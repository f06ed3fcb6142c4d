import { describe, expect, it } from 'vitest';
import { nameFor } from '../../../cli/verify/deployed.ts';
import { removalOf } from '../../../cli/verify/remove.ts';
import { tagsOf } from '../../../cli/verify/temporary.ts';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { readConfig } from '../../../protocol/rotation/function-config.ts';

const place = { account: '111122223333', region: 'us-east-1' };
const ID = '0123456789abcdef';

describe('the name of the temporary secret', () => {
  it.each([
    ['any', { ROTATED_SECRETS: '*' }, `zilliz-verify-${ID}`, undefined],
    ['below a folder', { ROTATED_SECRETS: 'orders-??????,milvus/*' }, `milvus/zilliz-verify-${ID}`, undefined],
    [
      'with pins in the environment',
      { ROTATED_SECRETS: '*', SECRET_TARGETS: '{"orders":{"username":"a"}}' },
      `zilliz-verify-${ID}`,
      undefined,
    ],
    [
      'with incomplete pins',
      { ROTATED_SECRETS: '*', SECRET_TARGETS: 'pins:p/stack:2' },
      `zilliz-verify-${ID}`,
      undefined,
    ],
    [
      'with pins of its own',
      { ROTATED_SECRETS: '*', SECRET_TARGETS: 'pins:p:each:all' },
      `zilliz-verify-${ID}`,
      `p/zilliz-verify-${ID}`,
    ],
  ])('is one that the function accepts: %s', (_, environment, name, pinsName) => {
    expect(nameFor({ config: readConfig(environment), place }, ID)).toEqual({ name, pinsName });
  });

  it.each([
    ['it names each secret', { ROTATED_SECRETS: 'orders-??????' }],
    ['its folder is in another account', { ROTATED_SECRETS: '444455556666:milvus/*' }],
    ['it needs an entry of each secret', { ROTATED_SECRETS: 'milvus/*', SECRET_TARGETS: 'pins:p/stack:2:all' }],
  ])('does not exist if the function accepts none: %s', (_, environment) => {
    const advice = expect.stringContaining('SecretNamePrefix=zilliz-verify/');
    expect(() => nameFor({ config: readConfig(environment), place }, ID)).toThrow(
      expect.objectContaining({ failure: expect.objectContaining({ code: 'secret-not-accepted', advice }) }),
    );
  });
});

describe('a leftover of verify', () => {
  const user = {
    username: `zverify_01234567${ID}`,
    password: 'Right/"1',
    endpoint: parseEndpoint('https://a.example.com:19530', { allowed: ['a.example.com'], allowPlaintext: false }),
  };
  const name = `milvus/zilliz-verify-${ID}`;

  it('is found by its tags, with its user', () => {
    const step = `Delete the secret ${name}, after the user ${user.username} at https://a.example.com:19530`;
    expect(removalOf({ name, tags: tagsOf('user', user) })).toBe(step);
  });

  it.each([
    ['a tag on another secret', { name: 'milvus/orders', tags: tagsOf('user', user) }],
    ['no tag', { name, tags: {} }],
  ])('is not %s', (_, secret) => {
    expect(removalOf(secret)).toBeUndefined();
  });

  it('never names a user that the command does not create', () => {
    const tags = tagsOf('user', { ...user, username: 'orders' });
    expect(removalOf({ name, tags })).toBe(`Delete the secret ${name}`);
  });
});
