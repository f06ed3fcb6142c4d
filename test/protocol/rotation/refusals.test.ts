import { describe, expect, it } from 'vitest';
import { RotationError } from '../../../protocol/rotation/errors.ts';
import { ADVICE, type FailureCode } from '../../../protocol/rotation/failures.ts';
import { preflight } from '../../../protocol/rotation/preflight.ts';
import type { SecretDescription } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { document, FIRST_PASSWORD, RotationWorld, SECOND_USER, USER } from '../../support/rotation-world.ts';

it.each<FailureCode>([
  ...(['ROTATION_DISABLED', 'TOKEN_NOT_PENDING', 'NOT_ENOUGH_TIME', 'CHANGE_UNSETTLED'] as const),
  ...(['KEY_QUOTA', 'KEY_NOT_ROTATABLE'] as const),
])('the advice of %s, which may follow a change, does not claim that nothing was changed', (code) => {
  expect(ADVICE[code]).not.toContain('Nothing was changed');
});

describe('preflight', () => {
  const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app-AbCdEf';
  const secret: SecretDescription = {
    arn: ARN,
    name: 'app',
    rotationEnabled: true,
    lastRotatedAt: undefined,
    lastChangedAt: undefined,
    tags: {},
    versions: [
      { versionId: 'current', labels: ['AWSCURRENT'] },
      { versionId: 'pending', labels: ['AWSPENDING'] },
      { versionId: 'previous', labels: ['AWSPREVIOUS'] },
    ],
  };

  it('proceeds with the pending version, and says that the current version is current', () => {
    expect(preflight(secret, 'pending')).toEqual({ kind: 'proceed', currentId: 'current' });
    expect(preflight(secret, 'current')).toEqual({ kind: 'already-current', currentId: 'current' });
  });

  it.each([
    ['ROTATION_DISABLED', { ...secret, rotationEnabled: false }, 'pending', ARN],
    ['TOKEN_UNKNOWN', secret, 'foreign', ' foreign'],
    ['TOKEN_NOT_PENDING', secret, 'previous', `previous of ${ARN}`],
    ['CURRENT_INVALID', { ...secret, versions: secret.versions.slice(1) }, 'pending', ARN],
  ])('refuses with %s', (code, description, token, named) => {
    const sentence: unknown = expect.stringContaining(named);
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
    ['is no credential', 'nothing', 'CURRENT_INVALID', /version v0/],
    [
      'names a host that is not allowed',
      document(FIRST_PASSWORD, { endpoint: 'https://example.com' }),
      'ENDPOINT_REFUSED',
      /version v0 .*example\.com/,
    ],
  ])('is refused if the current version %s', async (_, value, code, message) => {
    expect(await failing(value)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is refused if the current version is empty', async () => {
    const world = new RotationWorld();
    world.secret.read = () => Promise.resolve(undefined);
    expect(await failing(undefined, world)).toMatchObject({ code: 'CURRENT_INVALID' });
  });

  it.each([
    ['is no credential', 'nothing', 'PENDING_INVALID'],
    ['names a host that is not allowed', document('x', { endpoint: 'https://example.com' }), 'ENDPOINT_REFUSED'],
  ])('is refused if the pending version %s', async (_, value, code) => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 't1', value, labels: [AWSPENDING] });
    for (const step of ['createSecret', 'setSecret'] as const) {
      await expect(world.step(step, 't1')).rejects.toMatchObject({
        code,
        message: expect.stringContaining('AWSPENDING version t1'),
      });
    }
    expect(world.cluster.received).toEqual([]);
  });

  it('is reported as PENDING_MISSING if the pending version is still empty after five reads', async () => {
    const world = new RotationWorld();
    world.secret.startRotation('t1');
    await expect(world.step('setSecret', 't1')).rejects.toMatchObject({ code: 'PENDING_MISSING' });
    expect(world.now).toBe(1500);
  });
});

describe('the value of the next version', () => {
  const withNote = (bytes: number): RotationWorld => {
    const rest = document(FIRST_PASSWORD, { note: '' }).length;
    // The next value has the same length: both passwords and both tokens are 20 characters longer.
    const longer = 2 * ('Generated-password-1'.length - FIRST_PASSWORD.length);
    return new RotationWorld(document(FIRST_PASSWORD, { note: 'é'.repeat((bytes - rest - longer) / 2) }));
  };

  it('may have the 65,536 bytes that Secrets Manager allows', async () => {
    expect(await withNote(65_536).attempt('t1')).toBe('succeeded');
  });

  it('is refused beyond that before anything is stored or sent, with its size and the limit', async () => {
    const world = withNote(65_538);
    const failure = await world.attempt('t1');
    expect(failure).toMatchObject({ code: 'CURRENT_INVALID', step: 'createSecret', retryable: false });
    expect((failure as Error).message).toMatch(/ 6553\d bytes.* 65536/);
    expect(world.secret.valueOf('t1')).toBeUndefined();
    expect(world.cluster.received).toEqual([]);
  });
});

it.each(['createSecret', 'setSecret', 'finishSecret'] as const)(
  '%s refuses a copy of AWSCURRENT that a person stored as AWSPENDING, because the rotation would change nothing',
  async (step) => {
    const world = new RotationWorld();
    await world.secret.put({ versionId: 'copy', value: document(FIRST_PASSWORD), labels: [AWSPENDING] });
    await expect(world.step(step, 'copy')).rejects.toMatchObject({ code: 'PENDING_INVALID' });
    expect(world.cluster.received).toEqual([]);
    expect(world.secret.holder(AWSCURRENT)).toBe('v0');
  },
);

it('setSecret refuses a copy of the credential of the other user, because the rotation would change nothing', async () => {
  const world = new RotationWorld();
  await world.alternateUsers();
  const copy = world.secret.valueOf('v-second') ?? '';
  await world.secret.put({ versionId: 'copy', value: copy, labels: [AWSPENDING] });
  await expect(world.step('setSecret', 'copy')).rejects.toMatchObject({ code: 'PENDING_INVALID' });
  expect(world.secret.holder(AWSCURRENT)).toBe('v0');
});

it('setSecret sets a password that a person stored for the other user, also if both users then share it', async () => {
  const world = new RotationWorld();
  await world.alternateUsers();
  const value = document(FIRST_PASSWORD, { username: SECOND_USER });
  await world.secret.put({ versionId: 'shared', value, labels: [AWSPENDING] });
  expect(await world.step('setSecret', 'shared')).toBe('changed');
});

it.each(['rejected', 'forbidden'] as const)('no message quotes a user that is %s', async (kind) => {
  const password = 'Typed-into-the-wrong-key-1';
  const world = new RotationWorld(`${password}:x`);
  world.pins = { endpoint: 'http://127.0.0.1:19530' };
  world.cluster.authenticates = () => Promise.resolve({ kind });
  const failure = await world.attempt('t1');
  expect(failure).toBeInstanceOf(RotationError);
  expect(JSON.stringify([failure, (failure as Error).message, world.story])).not.toContain(password);
});

it('no message quotes a user that the configuration does not name and the cluster has not accepted', async () => {
  const password = 'Typed-into-the-wrong-key-1';
  for (const pinned of [undefined, USER]) {
    for (const value of [document(USER, { username: password }), `${password}:x`]) {
      const world = new RotationWorld(value);
      world.pins = { endpoint: 'http://127.0.0.1:19530', username: pinned };
      const failure = await world.attempt('t1');
      expect(failure).toBeInstanceOf(RotationError);
      expect(JSON.stringify([failure, (failure as Error).message, world.story])).not.toContain(password);
    }
  }
});
