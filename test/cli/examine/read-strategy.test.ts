import { describe, expect, it } from 'vitest';
import { fixture, SECRET, secret, useAlternatingUsers } from '../support/alternating-fixture.ts';

useAlternatingUsers();

describe('the source of the two users', () => {
  it.each([
    ['cannot be read', () => fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied')],
    ['is no JSON', () => Object.assign(fixture.aws.environment, { SECRET_TARGETS: '{' })],
    ['is out of range', () => Object.assign(fixture.aws.environment, { MINIMUM_GAP_MINUTES: '-1' })],
  ])('is an assumption with a note if the environment %s', async (_, change) => {
    change();

    const { out } = await fixture.run(['status', SECRET]);

    expect(out).toContain('strategy   single-user, assumed');
    expect(out).toContain('lambda:GetFunctionConfiguration');
  });

  it('has no note for a secret without a rotation function', async () => {
    secret.rotationFunctionArn = undefined;

    expect((await fixture.runJson('status', SECRET)).document.secrets[0].notes).toEqual([]);
  });
});
