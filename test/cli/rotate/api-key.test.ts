import { describe, expect, it } from 'vitest';
import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { keyDocument } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { replace } from '../support/replace.ts';
import { GAP, keys, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

const REVOKE = ['rotate', SECRET, '--revoke-previous', '--yes'];

/** Whether the key before the rotation, and the key in AWSCURRENT, are valid. */
function validKeys(): boolean[] {
  return [keys.organization.accepts(keys.first.key), keys.logsIn(AWSCURRENT)];
}

describe('rotate with an API key', () => {
  it('proves the new key, and says that the replaced one still logs in', async () => {
    const { code, document } = await world.runJson('rotate', SECRET);

    expect(code).toBe(0);
    const [{ login, notes }] = document.secrets;
    expect(login).toMatchObject({ username: null, apiKeyId: keys.keyIdIn(AWSCURRENT) });
    expect(notes.join()).toContain('--revoke-previous');
    expect(validKeys()).toEqual([true, true]);
  });

  it('confirms the login without the configuration of the function, and in a selection', async () => {
    world.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    expect((await world.run(['rotate', SECRET])).code).toBe(0);
    world.aws.failing.clear();
    expect((await world.run(['rotate', '--prefix', SECRET, '--yes'])).code).toBe(0);
  });
});

describe('rotate --revoke-previous', () => {
  it('asks before it starts a rotation', async () => {
    const { code } = await world.run(['rotate', SECRET, '--revoke-previous']);

    expect([code, world.aws.started]).toEqual([5, []]);
  });

  it('proves that the replaced key and every earlier one are refused', async () => {
    await world.run(['rotate', SECRET]);
    const replaced = keys.keyIdIn(AWSCURRENT);

    const { code, document } = await world.runJson(...REVOKE);

    expect(code).toBe(0);
    expect(document.secrets[0].versionId).toMatch(/^without-gap-revoke-[0-9a-f]{32}$/);
    const [note, ...others] = document.secrets[0].notes;
    expect(others).toEqual([]);
    expect(note).toMatch(new RegExp(`${replaced}.*${keys.first.id}`));
    expect([...validKeys(), keys.logsIn(AWSPREVIOUS)]).toEqual([false, true, false]);
    const { code: repeated } = await world.run(document.again.split(' ').slice(1));
    expect([repeated, world.aws.started.length]).toEqual([0, 2]);
  });

  it('leads to exit code 3 if the function may not delete the key of an earlier version', async () => {
    await world.run(['rotate', SECRET]);
    world.clock.advance(2 * GAP);
    keys.pins = { endpoint: ENDPOINT, apiKeyId: 'another' };
    world.aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: keys.pins });

    const { code, document } = await world.runJson(...REVOKE);

    const [{ error, outcome }] = document.secrets;
    expect([code, outcome, error.code]).toEqual([3, 'failed', 'still-accepted']);
    expect(error.message).toContain(keys.first.id);
  });

  it('leads to exit code 3 if the deletion fails, and a repeated command tries again', async () => {
    const { delete: deleteKey } = keys.organization;
    keys.organization.delete = () => Promise.reject(new ControlPlaneError('unavailable', 'code 429'));

    const { code, document } = await world.runJson(...REVOKE);
    expect([code, document.secrets[0].error.code]).toEqual([3, 'still-accepted']);

    keys.organization.delete = deleteKey;
    const repeated = await world.run(document.again.split(' ').slice(1));
    expect([repeated.code, world.aws.started.length, ...validKeys()]).toEqual([0, 2, false, true]);
  });

  it.each([
    ['cannot be read', () => secret.store.undecryptable.add('v-old')],
    ['holds broken JSON', () => secret.store.put({ versionId: 'v-broken', value: '{"apiKeyId":', labels: ['owner'] })],
    [
      'names a key for a host that the command may not reach',
      () =>
        secret.store.put({
          versionId: 'v-host',
          value: keyDocument(keys.first, { endpoint: 'https://other.example.com' }),
          labels: ['owner'],
        }),
    ],
  ])('leads to exit code 7 if a version %s, which may hold a valid key', async (_, happen) => {
    await secret.store.put({ versionId: 'v-old', value: secret.store.valueOf('v0') ?? '', labels: ['owner'] });
    await happen();

    const { code, document } = await world.runJson(...REVOKE);

    expect([code, document.secrets[0].error.code]).toEqual([7, 'revocation-unproven']);
    expect(document.secrets[0].error.message).toContain(keys.first.id);
  });

  it('leads to exit code 3 while the cluster accepts the replaced key, also if a version may hold another', async () => {
    await secret.store.put({ versionId: 'broken', value: '{"apiKeyId":', labels: ['owner'] });
    keys.organization.delayMs = 3_600_000;
    const accepts = keys.organization.accepts.bind(keys.organization);
    keys.organization.accepts = (key) => keys.organization.everyKey.includes(key) || accepts(key);

    const { code, document } = await world.runJson(...REVOKE);

    expect(code).toBe(3);
    expect(document.secrets[0].error.code).toBe('still-accepted');
  });

  it.each([2, 5])('leads to exit code 3 while one of %i proxies still accepts the replaced key', async (proxies) => {
    const { authenticates } = world.cluster;
    let logins = 0;
    world.cluster.authenticates = async (credentials) => {
      const isOld = credentials.password === keys.first.key && keys.keyIdIn(AWSCURRENT) !== keys.first.id;
      return isOld && logins++ % proxies === 0
        ? { kind: 'accepted', roles: [] }
        : await authenticates.call(world.cluster, credentials);
    };

    expect(await world.fail(...REVOKE)).toBe('3 still-accepted');
  });

  it('leads to exit code 7 if the cluster does not answer about the replaced key', async () => {
    replace(world.cluster, 'authenticates', (authenticates) => async (credentials) => {
      if (credentials.password === keys.first.key && keys.keyIdIn(AWSCURRENT) !== keys.first.id) {
        throw new ClusterUnavailableError('no-answer', credentials.endpoint, 'no answer');
      }
      return await authenticates(credentials);
    });

    expect(await world.fail(...REVOKE)).toBe('7 revocation-unproven');
  });

  it('rotates once more after a rotation that ran already', async () => {
    world.aws.startBySchedule(SECRET, 'scheduled-rotation-0000000000000000');

    const { code, document } = await world.runJson(...REVOKE);

    expect(code).toBe(0);
    expect(document.secrets).toHaveLength(2);
    expect(validKeys()).toEqual([false, true]);
  });

  it('leaves out a secret with a password, and names the option for it', async () => {
    secret.store.storeByHand('edit', '{"endpoint":"http://127.0.0.1:19530","username":"app","password":"Pass-word-1"}');
    world.aws.environment['SECRET_TARGETS'] = '';
    world.clock.advance(1000);

    const { code, document } = await world.runJson(...REVOKE);

    expect(code).toBe(5);
    expect(document.plan.leftOut[0]).toMatchObject({
      code: 'no-api-key',
      advice: expect.stringContaining('--both-users'),
    });
  });
});
