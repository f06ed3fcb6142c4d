import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../../protocol/rotation/failures.ts';
import { preflight } from '../../../protocol/rotation/preflight.ts';
import type { SecretDescription } from '../../../protocol/secret/secret-store.ts';
import { AWSPENDING } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

it.each<[string, FailureCode, (world: RotationWorld) => void]>([
  ['the rotation was cancelled', 'ROTATION_DISABLED', (world) => (world.secret.rotationEnabled = false)],
  ['AWSPENDING was removed', 'TOKEN_NOT_PENDING', (world) => world.secret.removePendingByHand()],
  ['no time is left', 'NOT_ENOUGH_TIME', (world) => (world.timeout = 1)],
])('testSecret does not claim that no password was changed if %s after setSecret', async (_, code, happen) => {
  const world = await new RotationWorld().runBefore('testSecret');
  happen(world);
  await expect(world.step('testSecret', 't1')).rejects.toMatchObject({
    code,
    advice: expect.stringMatching(/^This step changed nothing\. /),
  });
});

describe('preflight', () => {
  const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app-AbCdEf';
  const secret: SecretDescription = {
    arn: ARN,
    name: 'app',
    rotationEnabled: true,
    lastRotatedAt: undefined,
    tags: {},
    versions: [
      { versionId: 'current', labels: ['AWSCURRENT'] },
      { versionId: 'pending', labels: ['AWSPENDING'] },
      { versionId: 'previous', labels: ['AWSPREVIOUS'] },
    ],
  };

  it('proceeds with the pending version, and says that the current version is current', () => {
    expect(preflight(secret, 'pending')).toEqual({ kind: 'proceed', currentId: 'current' });
    expect(preflight(secret, 'current')).toEqual({ kind: 'already-current' });
  });

  it.each([
    ['ROTATION_DISABLED', { ...secret, rotationEnabled: false }, 'pending', `Rotation is off for ${ARN}.`],
    ['TOKEN_UNKNOWN', secret, 'foreign', `${ARN} has no labelled version foreign.`],
    ['TOKEN_NOT_PENDING', secret, 'previous', `Version previous of ${ARN} does not carry AWSPENDING.`],
    [
      'CURRENT_INVALID',
      { ...secret, versions: secret.versions.slice(1) },
      'pending',
      `${ARN} has no AWSCURRENT version.`,
    ],
  ])('refuses with %s', (code, description, token, sentence) => {
    expect(preflight(description, token)).toEqual({ kind: 'refuse', code, sentence });
  });
});

describe('a stored value that cannot be used', () => {
  async function failing(value: string | undefined, world = new RotationWorld(value)): Promise<unknown> {
    world.secret.startRotation('t1');
    const failure = await world.step('createSecret', 't1').catch((error: unknown) => error);
    expect(world.cluster.received).toEqual([]);
    return failure;
  }

  it.each([
    ['is no credential', 'nothing', 'CURRENT_INVALID', /version v0 is not a credential\. The secret is/],
    [
      'names a host that is not allowed',
      document(FIRST_PASSWORD, { endpoint: 'https://example.com' }),
      'ENDPOINT_REFUSED',
      /version v0 cannot be used\. example\.com is not/,
    ],
  ])('is refused if the current version %s', async (_, value, code, message) => {
    expect(await failing(value)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is refused if the current version is empty', async () => {
    const world = new RotationWorld();
    world.secret.read = () => Promise.resolve(undefined);
    expect(await failing(undefined, world)).toMatchObject({
      code: 'CURRENT_INVALID',
      message: 'CURRENT_INVALID: The AWSCURRENT version v0 holds no value.',
    });
  });

  it.each([
    ['is no credential', 'nothing', 'PENDING_INVALID', 'is not a credential'],
    [
      'names a host that is not allowed',
      document('x', { endpoint: 'https://example.com' }),
      'ENDPOINT_REFUSED',
      'cannot be used',
    ],
    [
      'names another user',
      document('x', { username: 'intruder', token: 'intruder:x' }),
      'PENDING_MISMATCH',
      `names intruder at http://127.0.0.1:19530, the AWSCURRENT version ${USER} at http://127.0.0.1:19530`,
    ],
  ])('is refused if the pending version %s', async (_, value, code, words) => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING] });
    for (const step of ['createSecret', 'setSecret'] as const) {
      await expect(world.step(step, 't1')).rejects.toMatchObject({
        code,
        message: expect.stringContaining(`The AWSPENDING version t1 ${words}`),
      });
    }
    expect(world.cluster.received).toEqual([]);
  });

  it('is reported as PENDING_MISSING if the pending version is still empty after five reads', async () => {
    const world = new RotationWorld();
    world.secret.startRotation('t1');
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({
      code: 'PENDING_MISSING',
      message: 'PENDING_MISSING: The AWSPENDING version t1 holds no value yet.',
    });
    expect(world.now).toBe(1500);
  });
});

it('a secret is refused before any change if it repeats the password in a form that a rotation does not update', async () => {
  const world = new RotationWorld(
    document(FIRST_PASSWORD, {
      header: `Bearer ${USER}:${FIRST_PASSWORD}`,
      note: `Basic ${USER}:${FIRST_PASSWORD}`,
    }),
  );
  const failure = await world.attempt('t1');
  expect(failure).toMatchObject({ code: 'CURRENT_INVALID', step: 'createSecret' });
  expect((failure as Error).message).toContain('The AWSCURRENT version v0 repeats the password in "header", "note"');
  expect((failure as Error).message).toContain('Remove the keys, or move keys of other systems to another secret.');
  expect((failure as Error).message).not.toContain(FIRST_PASSWORD);
  expect(world.cluster.received).toEqual([]);
  expect(world.secret.valueOf('t1')).toBeUndefined();
});

it('a copy of the token gets the new password', async () => {
  const world = new RotationWorld(document(FIRST_PASSWORD, { MILVUS_TOKEN: `${USER}:${FIRST_PASSWORD}` }));
  expect(await world.attempt('t1')).toBe('succeeded');
  expect(JSON.parse(world.secret.valueOf('t1') ?? '')).toMatchObject({ MILVUS_TOKEN: `${USER}:Generated-password-1` });
});
