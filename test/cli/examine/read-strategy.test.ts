import { describe, expect, it } from 'vitest';
import { SECOND_USER, USER } from '../../support/rotation-world.ts';
import { fixture, SECRET, secret, useAlternatingUsers } from '../support/alternating-fixture.ts';

useAlternatingUsers();

describe('the source of the two users', () => {
  it('is --users if the function cannot be read, without a date for the next rotation', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');
    await fixture.run(['rotate', SECRET, '--users', `${USER},${SECOND_USER}`]);

    const { document: status } = await fixture.runJson('status', SECRET, '--users', `${SECOND_USER}, ${USER}`);

    expect(status.secrets[0].strategy).toMatchObject({
      source: 'option',
      current: { username: SECOND_USER },
      other: { username: USER, inForce: true },
      nextRotationPossibleFrom: null,
    });
    expect(status.secrets[0].notes).toEqual([]);
  });

  it('is the function if both name users, with a note if they differ', async () => {
    const { document: status } = await fixture.runJson('status', SECRET, '--users', `${USER},third`);

    expect(status.secrets[0].strategy.users).toEqual([USER, SECOND_USER]);
    expect(status.secrets[0].notes).toEqual([
      `--users has no effect, because the rotation function pins ${USER} and ${SECOND_USER}.`,
    ]);
  });

  it.each([
    ['cannot be read', () => fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied')],
    ['is no JSON', () => Object.assign(fixture.aws.environment, { SECRET_TARGETS: '{' })],
    ['is out of range', () => Object.assign(fixture.aws.environment, { MINIMUM_GAP_MINUTES: '-1' })],
  ])('is an assumption with a note if the environment %s', async (_, change) => {
    change();

    const { out } = await fixture.run(['status', SECRET]);

    expect(out).toContain('strategy   single-user, assumed');
    expect(out).toContain('If two users take turns, give --users A,B.');
  });

  it('has no note for a secret without a rotation function', async () => {
    secret.rotationFunctionArn = undefined;

    expect((await fixture.runJson('status', SECRET)).document.secrets[0].notes).toEqual([]);
  });
});
