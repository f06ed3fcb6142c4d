import { describe, expect, it } from 'vitest';
import type { NewKey } from '../../protocol/keys/control-plane.ts';
import { isOfSecret, keyDescription, keyName, sameScope } from '../../protocol/keys/rotated-key.ts';
import { readManagerKey } from '../../protocol/rotation/open-keys.ts';
import { SCOPE } from '../support/key-world.ts';

const TOKEN = '0123abcd-0123-0123-0123-0123456789ab';
const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:';

describe('the name of a key', () => {
  it('holds the name of the secret and the token', () => {
    expect(keyName({ name: 'milvus/orders' }, TOKEN)).toBe(`milvus/orders/${TOKEN}`);
  });

  it('is cut to 64 characters, and always holds the token', () => {
    const name = keyName({ name: 'n'.repeat(100) }, TOKEN);
    expect(name).toBe(`${'n'.repeat(64 - TOKEN.length - 1)}/${TOKEN}`);
    expect(name).toHaveLength(64);
    expect(keyName({ name: 'orders' }, 't'.repeat(64))).toBe('t'.repeat(64));
    expect(keyName({ name: 'orders' }, 't'.repeat(63))).toBe('t'.repeat(63));
    expect(keyName({ name: 'orders' }, 't'.repeat(62))).toBe(`o/${'t'.repeat(62)}`);
  });
});

describe('the description of a key', () => {
  it('holds the ARN of the secret', () => {
    expect(keyDescription({ arn: `${ARN}orders-AbCdEf` })).toBe(`zilliz-secret-rotation ${ARN}orders-AbCdEf`);
  });

  it('has at most 255 characters, and differs between regions and suffixes of one long name', () => {
    const [whole = '', long = ''] = [0, 1].map((more) => 'n'.repeat(255 - 23 - ARN.length - 7 + more));
    expect(keyDescription({ arn: `${ARN}${whole}-AbCdEf` })).toBe(`zilliz-secret-rotation ${ARN}${whole}-AbCdEf`);
    const arns = [`${ARN}${long}-AbCdEf`, `${ARN}${long}-GhIjKl`, `${ARN.replace('east', 'west')}${long}-AbCdEf`];
    const cut = arns.map((arn) => keyDescription({ arn }));
    expect(cut.map(({ length }) => length)).toEqual([255, 255, 255]);
    expect(new Set(cut).size).toBe(3);
    expect(cut[0]).toContain(`${ARN}nnn`);
  });

  it('tells the keys of a secret from those of others, together with the name', () => {
    const secret = { arn: `${ARN}milvus/orders-AbCdEf`, name: 'milvus/orders' };
    const key: NewKey = {
      name: keyName(secret, TOKEN),
      description: keyDescription(secret),
      scope: SCOPE,
    };
    expect(isOfSecret(key, secret)).toBe(true);
    expect(isOfSecret({ ...key, name: 't'.repeat(64) }, secret)).toBe(true);
    expect(isOfSecret(key, { ...secret, arn: `${ARN}milvus/orders-GhIjKl` })).toBe(false);
    expect(isOfSecret({ ...key, name: 'billing' }, secret)).toBe(false);
    expect(isOfSecret({ ...key, name: `milvus/billing/${TOKEN}` }, secret)).toBe(false);
  });
});

describe('two scopes', () => {
  const [project] = SCOPE.projects;
  if (project === undefined) {
    throw new Error('The scope has a project.');
  }

  it('are equal if they list the same projects in another order', () => {
    const other = { ...project, projectId: 'proj-2' };
    const scope = { orgRole: 'Member', projects: [project, other] };
    expect(sameScope(scope, { orgRole: 'Member', projects: [other, project] })).toBe(true);
  });

  it.each([
    { projectId: 'proj-2' },
    { role: 'Admin' },
    { allCluster: true },
    { clusterIds: ['in01-1'] },
    { allVolume: true },
    { volumeIds: ['volume-1'] },
  ])('differ by %j', (change) => {
    expect(sameScope(SCOPE, { ...SCOPE, projects: [{ ...project, ...change }] })).toBe(false);
  });

  it('differ by the role in the organization, and by a project', () => {
    expect(sameScope(SCOPE, { ...SCOPE, orgRole: 'Billing-Admin' })).toBe(false);
    expect(sameScope(SCOPE, { ...SCOPE, projects: [] })).toBe(false);
  });
});

it.each([
  ['abc123', 'abc123'],
  [' abc123\n', 'abc123'],
  ['{"apiKey": "abc123", "apiKeyId": "key-1"}', 'abc123'],
  ['', undefined],
  ['null', undefined],
  ['{"apiKey": 123}', undefined],
  ['{"apiKey": "user:password"}', undefined],
  ['user:password', undefined],
])('the manager secret %j holds the key %s', (text, key) => {
  expect(readManagerKey(text)).toBe(key);
});
