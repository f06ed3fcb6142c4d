import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePins } from '../../../protocol/secret/pins.ts';
import {
  findPins,
  formatPins,
  formatRotatedSecrets,
  isRotated,
  parseRotatedSecrets,
  pinsKeyOfArn,
  pinsKeyOfName,
  STRATEGY_NAMES,
} from '../../../protocol/secret/rotated-secrets.ts';

/** Names of secrets as Secrets Manager allows them. */
const name = fc.stringMatching(/^[\w/+=.@-]{1,20}$/);
const ACCOUNT = '111122223333';
const FUNCTION_ARN = `arn:aws:lambda:us-west-2:${ACCOUNT}:function:rotation`;
const secretNamed = (secretName: string, of = ACCOUNT) => ({
  name: secretName,
  arn: `arn:aws:secretsmanager:us-west-2:${of}:secret:${secretName}-Ab12Cd`,
});

const account = fc.option(fc.stringMatching(/^\d{12}$/), { nil: undefined });
const pattern = fc
  .tuple(account, name, fc.constantFrom('-Ab12Cd', '-??????', '/*'))
  .map(([of, start, end]) => ({ account: of, resource: `${start}${end}` }));

describe('the function reads the variables that the stack writes', () => {
  it('for the patterns of the secrets', () => {
    fc.assert(
      fc.property(fc.array(pattern), (patterns) => {
        expect(parseRotatedSecrets(formatRotatedSecrets(patterns))).toEqual(patterns);
      }),
    );
  });

  it('for the pins, with any name of a secret', () => {
    const single = fc.record({ endpoint: fc.webUrl(), username: name }, { requiredKeys: [] });
    const alternating = fc.record({
      endpoint: fc.webUrl(),
      usernames: fc.uniqueArray(name, { minLength: 2, maxLength: 2 }) as fc.Arbitrary<[string, string]>,
    });
    const target = fc.oneof(single, alternating, fc.record({ strategy: fc.constantFrom(...STRATEGY_NAMES) }));
    fc.assert(
      fc.property(fc.dictionary(name, target), (pins) => {
        const read = parsePins(formatPins(pins)) ?? {};
        for (const [secretName, expected] of Object.entries(pins)) {
          expect(findPins(secretNamed(secretName), read, FUNCTION_ARN)).toEqual(expected);
        }
      }),
    );
  });
});

it('a person may write spaces and empty entries into the list of secrets', () => {
  expect(parseRotatedSecrets(' orders-??????, 444455556666:search-?????? ,,')).toEqual([
    { account: undefined, resource: 'orders-??????' },
    { account: '444455556666', resource: 'search-??????' },
  ]);
});

it('a secret matches its patterns only in its own account and region', () => {
  fc.assert(
    fc.property(name, (secretName) => {
      const { arn } = secretNamed(secretName);
      for (const resource of [`${secretName}-Ab12Cd`, `${secretName}-??????`]) {
        const written = parseRotatedSecrets(formatRotatedSecrets([{ account: undefined, resource }]));
        expect(isRotated(arn, written, FUNCTION_ARN)).toBe(true);
        expect(isRotated(arn, written, FUNCTION_ARN.replace(ACCOUNT, '444455556666'))).toBe(false);
        expect(isRotated(arn, written, FUNCTION_ARN.replace('us-west-2', 'eu-west-1'))).toBe(false);
      }
    }),
  );
});

it.each([
  ['milvus/orders-Ab12Cd', true],
  ['milvus/orders-??????', true],
  ['milvus/*', true],
  ['111122223333:milvus/orders-??????', true],
  ['444455556666:milvus/orders-??????', false],
  ['milvus/orders-Ab12Ce', false],
  ['milvus/order-??????', false],
  ['milvus/order??????', false],
  ['milvus/orders-Ab12-??????', false],
  ['milvus', false],
  ['other/*', false],
  ['mill/*', false],
  ['', false],
])('the entry "%s" names the secret milvus/orders-Ab12Cd: %s', (entry, isNamed) => {
  expect(isRotated(secretNamed('milvus/orders').arn, parseRotatedSecrets(`search-??????,${entry}`), FUNCTION_ARN)).toBe(
    isNamed,
  );
});

it.each([
  '{',
  'null',
  '"orders"',
  '7',
  '[{"username":"u"}]',
  '{"orders":null}',
  '{"orders":7}',
  '{"orders":"u"}',
  '{"orders":[]}',
  '{"orders":{"user":"u"}}',
  '{"orders":{"username":""}}',
  '{"orders":{"username":7}}',
  '{"orders":{"endpoint":1}}',
  '{"orders":{"usernames":["a"]}}',
  '{"orders":{"usernames":["a","a"]}}',
  '{"orders":{"usernames":["a",""]}}',
  '{"orders":{"usernames":"ab"}}',
  '{"orders":{"strategy":"one-user"}}',
  '{"orders":{"username":"a","usernames":["a","b"]}}',
  '{"orders":{"endpoint":"https://one.example.com","username":null}}',
  '{"orders":{"username":"u"},"search":{"password":"u"}}',
])('the text %s holds no pins', (text) => {
  expect(parsePins(text)).toBeUndefined();
});

it('a secret with the name of an object member has no target', () => {
  expect(findPins(secretNamed('constructor'), {}, FUNCTION_ARN)).toBeUndefined();
});

describe('a target with the end of an ARN as its key, because only the deployment may know the name', () => {
  const suffix = fc.stringMatching(/^[A-Za-z0-9]{6}$/);

  it('is the target of the secret with this ARN, in its account', () => {
    fc.assert(
      fc.property(account, name, suffix, (of, secretName, end) => {
        const resource = `${secretName}-${end}`;
        const arn = `arn:aws:secretsmanager:us-west-2:${of ?? ACCOUNT}:secret:${resource}`;
        const written = formatPins({ [pinsKeyOfArn(resource, of)]: { username: 'u' } });
        const pins = parsePins(written) ?? {};
        expect(findPins({ name: secretName, arn }, pins, FUNCTION_ARN)).toEqual({ username: 'u' });
        const elsewhere = arn.replace(/:\d{12}:/, ':444455556666:');
        expect(findPins({ name: secretName, arn: elsewhere }, pins, FUNCTION_ARN)).toBeUndefined();
      }),
    );
  });

  it('is not the target of a secret that is named like the end of the ARN, and the reverse', () => {
    fc.assert(
      fc.property(account, name, suffix, (of, secretName, end) => {
        const resource = `${secretName}-${end}`;
        const named = secretNamed(resource, of);
        const described = { name: secretName, arn: secretNamed(secretName, of).arn.replace(/Ab12Cd$/, end) };
        const byArn = { [pinsKeyOfArn(resource, of)]: { username: 'u' } };
        const byName = { [pinsKeyOfName(resource, of)]: { username: 'u' } };
        expect(findPins(named, byArn, FUNCTION_ARN)).toBeUndefined();
        expect(findPins(named, byName, FUNCTION_ARN)).toEqual({ username: 'u' });
        expect(findPins(described, byName, FUNCTION_ARN)).toBeUndefined();
      }),
    );
  });
});

it('a target may name the account of the function', () => {
  const pins = { [`${ACCOUNT}:orders`]: { username: 'here' } };
  expect(findPins(secretNamed('orders'), pins, FUNCTION_ARN)).toEqual({ username: 'here' });
  expect(findPins(secretNamed('orders', '444455556666'), pins, FUNCTION_ARN)).toBeUndefined();
});

it('secrets with the same name in different accounts or regions have different pins', () => {
  const pins = { orders: { username: 'here' }, '444455556666:orders': { username: 'there' } };
  expect(findPins(secretNamed('orders'), pins, FUNCTION_ARN)).toEqual({ username: 'here' });
  expect(findPins(secretNamed('orders', '444455556666'), pins, FUNCTION_ARN)).toEqual({ username: 'there' });
  expect(findPins(secretNamed('orders', '777788889999'), pins, FUNCTION_ARN)).toBeUndefined();
  expect(findPins(secretNamed('orders'), pins, FUNCTION_ARN.replace('us-west-2', 'eu-west-1'))).toBeUndefined();
});
