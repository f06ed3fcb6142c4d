import { describe, expect, it } from 'vitest';
import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { formatPins } from '../../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { keyDocument } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { GAP } from '../support/alternating-fixture.ts';
import { fixture, pass, SECRET, secret, useApiKeys, world } from '../support/key-fixture.ts';

useApiKeys();

const REVOKE = ['rotate', SECRET, '--revoke-previous', '--yes'];

/** Whether the key before the rotation, and the key in AWSCURRENT, are valid. */
function validKeys(): boolean[] {
  return [world.organization.accepts(world.first.key), world.logsIn(AWSCURRENT)];
}

describe('rotate with an API key', () => {
  it('proves the new key, and says that the replaced one still logs in', async () => {
    const { code, document } = await fixture.runJson('rotate', SECRET);

    expect(code).toBe(0);
    const [{ login, notes }] = document.secrets;
    expect(login).toMatchObject({ username: null, apiKeyId: world.keyIdIn(AWSCURRENT) });
    expect(notes.join()).toContain('--revoke-previous');
    expect(validKeys()).toEqual([true, true]);
  });

  it('confirms the login without the configuration of the function, and in a selection', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
    fixture.aws.failing.clear();
    expect((await fixture.run(['rotate', '--prefix', SECRET, '--yes'])).code).toBe(0);
  });
});

describe('rotate --revoke-previous', () => {
  it('asks before it starts a rotation', async () => {
    const { code } = await fixture.run(['rotate', SECRET, '--revoke-previous']);

    expect([code, fixture.aws.started]).toEqual([5, []]);
  });

  it('proves that the replaced key and every earlier one are refused', async () => {
    await fixture.run(['rotate', SECRET]);
    const replaced = world.keyIdIn(AWSCURRENT);

    const { code, document } = await fixture.runJson(...REVOKE);

    expect(code).toBe(0);
    expect(document.secrets[0].versionId).toMatch(/^without-gap-revoke-[0-9a-f]{32}$/);
    const [note, ...others] = document.secrets[0].notes;
    expect(others).toEqual([]);
    expect(note).toMatch(new RegExp(`${replaced}.*${world.first.id}`));
    expect([...validKeys(), world.logsIn(AWSPREVIOUS)]).toEqual([false, true, false]);
    const { code: repeated } = await fixture.run(document.again.split(' ').slice(1));
    expect([repeated, fixture.aws.started.length]).toEqual([0, 2]);
  });

  it('leads to exit code 3 if the function may not delete the key of an earlier version', async () => {
    await fixture.run(['rotate', SECRET]);
    pass(2 * GAP);
    world.pins = { endpoint: ENDPOINT, apiKeyId: 'another' };
    fixture.aws.environment['SECRET_TARGETS'] = formatPins({ [SECRET]: world.pins });

    const { code, document } = await fixture.runJson(...REVOKE);

    const [{ error, outcome }] = document.secrets;
    expect([code, outcome, error.code]).toEqual([3, 'failed', 'still-accepted']);
    expect(error.message).toContain(world.first.id);
  });

  it('leads to exit code 3 if the deletion fails, and a repeated command tries again', async () => {
    const { delete: deleteKey } = world.organization;
    world.organization.delete = () => Promise.reject(new ControlPlaneError('unavailable', 'code 429'));

    const { code, document } = await fixture.runJson(...REVOKE);
    expect([code, document.secrets[0].error.code]).toEqual([3, 'still-accepted']);

    world.organization.delete = deleteKey;
    const repeated = await fixture.run(document.again.split(' ').slice(1));
    expect([repeated.code, fixture.aws.started.length, ...validKeys()]).toEqual([0, 2, false, true]);
  });

  it.each([
    ['cannot be read', () => secret.store.undecryptable.add('v-old')],
    ['holds broken JSON', () => secret.store.put({ versionId: 'v-broken', value: '{"apiKeyId":', labels: ['owner'] })],
    [
      'names a key for a host that the command may not reach',
      () =>
        secret.store.put({
          versionId: 'v-host',
          value: keyDocument(world.first, { endpoint: 'https://other.example.com' }),
          labels: ['owner'],
        }),
    ],
  ])('leads to exit code 7 if a version %s, which may hold a valid key', async (_, happen) => {
    await secret.store.put({ versionId: 'v-old', value: secret.store.valueOf('v0') ?? '', labels: ['owner'] });
    await happen();

    const { code, document } = await fixture.runJson(...REVOKE);

    expect([code, document.secrets[0].error.code]).toEqual([7, 'revocation-unproven']);
    expect(document.secrets[0].error.message).toContain(world.first.id);
  });

  it('leads to exit code 3 while the cluster accepts the replaced key, also if a version may hold another', async () => {
    await secret.store.put({ versionId: 'broken', value: '{"apiKeyId":', labels: ['owner'] });
    world.organization.delayMs = 3_600_000;
    const accepts = world.organization.accepts.bind(world.organization);
    world.organization.accepts = (key) => world.organization.everyKey.includes(key) || accepts(key);

    const { code, document } = await fixture.runJson(...REVOKE);

    expect(code).toBe(3);
    expect(document.secrets[0].error.code).toBe('still-accepted');
  });

  it.each([2, 5])('leads to exit code 3 while one of %i proxies still accepts the replaced key', async (proxies) => {
    const { authenticates } = fixture.cluster;
    let logins = 0;
    fixture.cluster.authenticates = async (credentials) => {
      const isOld = credentials.password === world.first.key && world.keyIdIn(AWSCURRENT) !== world.first.id;
      return isOld && logins++ % proxies === 0
        ? { kind: 'accepted', roles: [] }
        : await authenticates.call(fixture.cluster, credentials);
    };

    const { code, document } = await fixture.runJson(...REVOKE);

    expect([code, document.secrets[0].error?.code]).toEqual([3, 'still-accepted']);
  });

  it('leads to exit code 7 if the cluster does not answer about the replaced key', async () => {
    const { authenticates } = fixture.cluster;
    fixture.cluster.authenticates = async (credentials) => {
      if (credentials.password === world.first.key && world.keyIdIn(AWSCURRENT) !== world.first.id) {
        throw new ClusterUnavailableError('no-answer', credentials.endpoint, 'no answer');
      }
      return await authenticates.call(fixture.cluster, credentials);
    };

    const { code, document } = await fixture.runJson(...REVOKE);

    expect([code, document.secrets[0].error.code]).toEqual([7, 'revocation-unproven']);
  });

  it('rotates once more after a rotation that ran already', async () => {
    fixture.aws.startBySchedule(SECRET, 'scheduled-rotation-0000000000000000');

    const { code, document } = await fixture.runJson(...REVOKE);

    expect(code).toBe(0);
    expect(document.secrets).toHaveLength(2);
    expect(validKeys()).toEqual([false, true]);
  });

  it('leaves out a secret with a password, and names the option for it', async () => {
    secret.store.storeByHand('edit', '{"endpoint":"http://127.0.0.1:19530","username":"app","password":"Pass-word-1"}');
    fixture.aws.environment['SECRET_TARGETS'] = '';
    pass(1000);

    const { code, document } = await fixture.runJson(...REVOKE);

    expect(code).toBe(5);
    expect(document.plan.leftOut[0]).toMatchObject({
      code: 'no-api-key',
      advice: expect.stringContaining('--both-users'),
    });
  });
});
