import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRotatedSecrets,
  formatSecretTargets,
  isRotated,
  parseRotatedSecrets,
  parseSecretTargets,
  targetFor,
} from '../../secret/rotated-secrets.ts';

/** Names of secrets as Secrets Manager allows them. */
const name = fc.stringMatching(/^[\w/+=.@-]{1,20}$/);
const PLACE = { account: '111122223333', region: 'us-west-2' };
const secretNamed = (secretName: string, of = PLACE.account) => ({
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

  it('for the targets, with any name of a secret', () => {
    const target = fc.record({ endpoint: fc.webUrl(), username: name }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.dictionary(name, target), (targets) => {
        const read = parseSecretTargets(formatSecretTargets(targets)) ?? {};
        for (const [secretName, expected] of Object.entries(targets)) {
          expect(targetFor(secretNamed(secretName), read, PLACE)).toEqual(expected);
        }
      }),
    );
  });
});

it('a secret matches its patterns only in its own account and region', () => {
  fc.assert(
    fc.property(name, (secretName) => {
      const { arn } = secretNamed(secretName);
      for (const resource of [`${secretName}-Ab12Cd`, `${secretName}-??????`]) {
        const written = parseRotatedSecrets(formatRotatedSecrets([{ account: undefined, resource }]));
        expect(isRotated(arn, written, PLACE)).toBe(true);
        expect(isRotated(arn, written, { ...PLACE, account: '444455556666' })).toBe(false);
        expect(isRotated(arn, written, { ...PLACE, region: 'eu-west-1' })).toBe(false);
      }
    }),
  );
});

it('a secret with the name of an object member has no target', () => {
  expect(targetFor(secretNamed('constructor'), {}, PLACE)).toEqual({});
});

it('a target can name the secret with its random suffix, because only the deployment may know the name', () => {
  const targets = { 'orders-Ab12Cd': { username: 'here' }, '444455556666:orders-Ab12Cd': { username: 'there' } };
  expect(targetFor(secretNamed('orders'), targets, PLACE)).toEqual({ username: 'here' });
  expect(targetFor(secretNamed('orders', '444455556666'), targets, PLACE)).toEqual({ username: 'there' });
  expect(targetFor(secretNamed('search'), targets, PLACE)).toEqual({});
});

it('secrets with the same name in different accounts have different targets', () => {
  const targets = { orders: { username: 'here' }, '444455556666:orders': { username: 'there' } };
  expect(targetFor(secretNamed('orders'), targets, PLACE)).toEqual({ username: 'here' });
  expect(targetFor(secretNamed('orders', '444455556666'), targets, PLACE)).toEqual({ username: 'there' });
  expect(targetFor(secretNamed('orders', '777788889999'), targets, PLACE)).toEqual({});
});
