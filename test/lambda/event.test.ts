import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../lambda/create-handler.ts';

/** As Secrets Manager sends it. */
const EVENT = {
  Step: 'createSecret',
  SecretId: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:zilliz/app-AbCdEf',
  ClientRequestToken: 'd0f3a1c2-4b5e-4f60-8a7b-9c0d1e2f3a4b',
};

describe('parseEvent', () => {
  it('reads step, secret and token from the event of Secrets Manager', () => {
    expect(parseEvent(EVENT)).toEqual({
      step: 'createSecret',
      secretId: EVENT.SecretId,
      token: EVENT.ClientRequestToken,
      rotationToken: undefined,
    });
  });

  it('reads the rotation token of a secret in another account', () => {
    const RotationToken = '5f1d7c1e-0a2b-4c3d-8e4f-5a6b7c8d9e0f';
    expect(parseEvent({ ...EVENT, RotationToken })).toMatchObject({ rotationToken: RotationToken });
  });

  it.each([
    ['an unknown step', { Step: 'deleteSecret' }, /"deleteSecret".*createSecret/],
    ['a step in the spelling of the documentation page', { Step: 'create_secret' }, /Step is "create_secret"/],
    ['an event without step', { Step: undefined }, /Step is missing/],
    ['an event without secret', { SecretId: undefined }, /no SecretId/],
    ['an event with an empty secret', { SecretId: '' }, /no SecretId/],
    ['an event without token', { ClientRequestToken: undefined }, /no ClientRequestToken/],
    ['an event with a token that is not a text', { ClientRequestToken: 7 }, /no ClientRequestToken/],
    ['an event with an empty rotation token', { RotationToken: '' }, /no RotationToken/],
  ])('refuses %s', (_, change, message) => {
    expect(() => parseEvent({ ...EVENT, ...change })).toThrow(message);
  });

  it.each([[null], ['createSecret'], [undefined]])('refuses %j, because it is no object', (event) => {
    expect(() => parseEvent(event)).toThrow(/not an object/);
  });

  it('quotes only the beginning of a long Step', () => {
    expect(() => parseEvent({ ...EVENT, Step: 'x'.repeat(41) })).toThrow(`"${'x'.repeat(40)}"`);
  });
});
