import { describe, expect, it } from 'vitest';
import { ClusterUnavailableError, type Login } from '../../../protocol/cluster/cluster.ts';
import { parseAnyEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { ControlPlaneError } from '../../../protocol/keys/control-plane.ts';
import { AWSCURRENT, AWSPREVIOUS } from '../../../protocol/secret/versions.ts';
import { keyDocument } from '../../support/key-world.ts';
import { ENDPOINT } from '../../support/rotation-world.ts';
import { replace } from '../support/replace.ts';
import { GAP, keys, pin, SECRET, secret, useWorld, world } from '../support/secret-fixture.ts';

useWorld('key');

const ACCEPTED = '3 still-accepted, failed';
const UNPROVEN = '7 revocation-unproven, unconfirmed';
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

async function pinAnotherKey(): Promise<void> {
  await world.run(['rotate', SECRET]);
  world.clock.advance(2 * GAP);
  pin(world, { endpoint: ENDPOINT, apiKeyId: 'another' });
}

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

  it('leads to exit code 3 if the deletion fails, and a repeated command tries again', async () => {
    const { delete: deleteKey } = keys.organization;
    keys.organization.delete = () => Promise.reject(new ControlPlaneError('unavailable', 'code 429'));

    const { code, document } = await world.runJson(...REVOKE);
    expect([code, document.secrets[0].error.code]).toEqual([3, 'still-accepted']);

    keys.organization.delete = deleteKey;
    const repeated = await world.run(document.again.split(' ').slice(1));
    expect([repeated.code, world.aws.started.length, ...validKeys()]).toEqual([0, 2, false, true]);
  });

  /** Logins with the replaced key, after the rotation. */
  const answerReplacedKey = (answer: (logins: number) => Login | undefined) => (): void => {
    let logins = 0;
    replace(world.cluster, 'authenticates', (authenticates) => async (credentials) => {
      const isReplaced = credentials.password === keys.first.key && keys.keyIdIn(AWSCURRENT) !== keys.first.id;
      return (isReplaced ? answer(logins++) : undefined) ?? (await authenticates(credentials));
    });
  };
  const acceptOneOf = (proxies: number) =>
    answerReplacedKey((logins) => (logins % proxies === 0 ? { kind: 'accepted', roles: [] } : undefined));
  const noAnswer = (): never => {
    throw new ClusterUnavailableError('no-answer', parseAnyEndpoint(ENDPOINT, { allowPlaintext: true }), 'no answer');
  };
  const store = async (value: string): Promise<unknown> =>
    await secret.store.put({ versionId: 'v-other', value, labels: ['owner'] });

  it.each<[expected: string, why: string, happen: () => unknown]>([
    [ACCEPTED, 'the function may not delete the key of an earlier version', pinAnotherKey],
    [ACCEPTED, 'one of 2 proxies still accepts the replaced key', acceptOneOf(2)],
    [ACCEPTED, 'one of 5 proxies still accepts the replaced key', acceptOneOf(5)],
    [
      ACCEPTED,
      'the cluster accepts the replaced key, and a version may hold another',
      async () => {
        await store('{"apiKeyId":');
        replace(keys.organization, 'accepts', (accepts) => (key) => {
          return keys.organization.everyKey.includes(key) || accepts(key);
        });
      },
    ],
    [UNPROVEN, 'the cluster does not answer about the replaced key', answerReplacedKey(noAnswer)],
    [UNPROVEN, 'a version cannot be read', () => secret.store.undecryptable.add('v-old')],
    [UNPROVEN, 'a version holds broken JSON', () => store('{"apiKeyId":')],
    [
      UNPROVEN,
      'a version names a key for a host that the command may not reach',
      () => store(keyDocument(keys.first, { endpoint: 'https://other.example.com' })),
    ],
  ])('ends with %s if %s', async (expected, _, happen) => {
    await secret.store.put({ versionId: 'v-old', value: secret.store.valueOf('v0') ?? '', labels: ['owner'] });
    await happen();

    const { code, document } = await world.runJson(...REVOKE);

    const [{ error, outcome }] = document.secrets;
    expect(`${code} ${error.code}, ${outcome}`).toBe(expected);
    expect(error.message).toContain(keys.first.id);
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
