import { beforeEach, describe, expect, it } from 'vitest';
import type { RotationError } from '../../../protocol/rotation/errors.ts';
import { runStep } from '../../../protocol/rotation/rotation.ts';
import { parseRotatedSecrets } from '../../../protocol/secret/rotated-secrets.ts';
import { ENDPOINT, FIRST_PASSWORD, RotationWorld, USER } from '../../support/rotation-world.ts';

let world: RotationWorld;

beforeEach(() => {
  world = new RotationWorld();
});

it('a secret that the configuration names is rotated', async () => {
  world.configure({ rotatedSecrets: parseRotatedSecrets('other-??????,zilliz/test-??????') });
  expect(await world.attempt('t1')).toBe('succeeded');
});

it.each([
  ['does not name', '000000000000', 'other/*'],
  ['names in another account only', '111122223333', 'zilliz/test-??????'],
])('a secret that the configuration %s is refused before the function reads it', async (_, account, patterns) => {
  world.functionArn = world.functionArn.replace('000000000000', account);
  world.configure({ rotatedSecrets: parseRotatedSecrets(patterns) });
  world.secret.describe = () => Promise.reject(new Error('was read'));
  const refusal = (await world.attempt('t1')) as RotationError;
  expect(refusal).toMatchObject({ code: 'SECRET_NOT_CONFIGURED', retryable: false, step: 'createSecret' });
  expect(refusal.message).toContain(world.secret.arn);
  expect(world.cluster.received).toEqual([]);
});

it.each(['', '-AbCdEf'])(
  'the admin secret is never rotated, if its configured ARN ends in the suffix %j',
  async (suffix) => {
    const adminSecretArn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:zilliz/test${suffix}`;
    world.configure({ adminSecretArn });
    expect(await world.attempt('t1')).toMatchObject({
      code: 'SECRET_NOT_CONFIGURED',
      message: expect.stringContaining(world.secret.arn),
    });
    world.configure({ adminSecretArn: adminSecretArn.replace('zilliz/test', 'zilliz/tes') });
    expect(await world.attempt('t1')).toBe('succeeded');
  },
);

it('a secret is rotated although its name continues the name of the admin secret', async () => {
  const longer = `${world.secret.arn}-AbCdEf`;
  Object.assign(world.secret, { arn: longer });
  const adminSecretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:zilliz/test';
  world.configure({ adminSecretArn });
  expect(await world.attempt('t1')).toBe('succeeded');
});

it.each([
  ['its name', 'zilliz/test'],
  ['an ARN without suffix', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:zilliz/test'],
])('the admin secret is refused before its value is read, if the event has %s', async (_, secretId) => {
  world.configure({ adminSecretArn: world.secret.arn });
  world.secret.startRotation('t1');
  world.secret.read = () => Promise.reject(new Error('was read'));
  const request = { step: 'createSecret', secretId, token: 't1', rotationToken: undefined } as const;
  await expect(runStep(request, world.ports())).rejects.toMatchObject({ code: 'SECRET_NOT_CONFIGURED' });
});

it.each([
  ['endpoint', { endpoint: 'http://127.0.0.1:19531' }, 'ENDPOINT_REFUSED'],
  ['user', { username: 'orders' }, 'CURRENT_INVALID'],
])(
  'a current version with another %s than the configuration is refused before any connection',
  async (_, pins, code) => {
    world.pins = pins;
    expect(await world.attempt('t1')).toMatchObject({ code });
    expect(world.cluster.received).toEqual([]);
  },
);

describe('an endpoint in the configuration', () => {
  it('is used for a plain secret without a tag, before the endpoint of the whole function', async () => {
    world = new RotationWorld(`${USER}:${FIRST_PASSWORD}`);
    world.pins = { endpoint: ENDPOINT };
    world.configure({ defaultEndpoint: 'http://127.0.0.1:1' });
    await world.rotate('t1');
  });

  it('refuses a tag with another endpoint', async () => {
    world = new RotationWorld(`${USER}:${FIRST_PASSWORD}`);
    world.secret.tags['zilliz:endpoint'] = ENDPOINT;
    world.pins = { endpoint: 'http://127.0.0.1:19531' };
    expect(await world.attempt('t1')).toMatchObject({ code: 'ENDPOINT_REFUSED' });
  });

  it('is refused if its host is not an allowed endpoint', async () => {
    world.pins = { endpoint: 'https://elsewhere.example.com' };
    const refusal = (await world.attempt('t1')) as RotationError;
    expect(refusal.message).toMatch(/^ENDPOINT_REFUSED: .*configuration.* elsewhere\.example\.com/);
  });
});
