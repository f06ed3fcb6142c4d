import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudSecret } from '../../bench/cloud/cloud-secret.ts';
import { type KeyCloud, startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import { secretsManager, servers } from '../support/servers.ts';
import { runWithPasswords } from './support/operator-command.ts';

type Key = ReturnType<KeyCloud['createKey']>;

let keys: KeyCloud;
/** Another organization. Its keys open its own cluster. */
let others: KeyCloud;

beforeAll(async () => {
  [keys, others] = (await Promise.all(
    [1, 2].map(() => startKeyCloud({ milvus: servers().access.milvus.plaintext })),
  )) as [KeyCloud, KeyCloud];
});

afterAll(() => Promise.all([keys.close(), others.close()]));

const OWNER = { orgRole: 'Owner', projects: [] };

/** Runs `init` of a new secret with a key, and with a manager key in a secret of its own. */
async function initWith({ id, key }: Key, managerKey: string, { endpoint } = keys) {
  const name = `init-key-${randomBytes(6).toString('hex')}`;
  const manager = new CloudSecret(servers().access, `${name}/manager`);
  await manager.create(managerKey);
  const init = ['init', name, '--api-key-id', id, '--manager-secret', manager.name];
  const at = ['--endpoint', endpoint, '--control-plane-url', keys.controlPlaneUrl, '--allow-endpoint', '127.0.0.1'];
  const { code, out } = await runWithPasswords([key], ...init, ...at, '--yes', '--json');
  const { error } = JSON.parse(out) as { error: { code: string; advice: string } | null };
  const { SecretList = [] } = await secretsManager().listSecrets({ Filters: [{ Key: 'name', Values: [name] }] });
  manager.close();
  return { code, error, isStored: SecretList.some(({ Name }) => Name === name) };
}

describe('init --manager-secret', () => {
  it('stores a key that the control plane can create another one like', async () => {
    expect(await initWith(keys.createKey(), keys.managerKey)).toEqual({ code: 0, error: null, isStored: true });
  });

  it.each<[string, string, () => Parameters<typeof initWith>]>([
    [
      'a personal key, or a key of another organization',
      'KEY_NOT_ROTATABLE',
      () => [others.createKey(), keys.managerKey, others],
    ],
    ['an Owner key', 'KEY_NOT_ROTATABLE', () => [keys.createKey(OWNER), keys.managerKey]],
    ['a manager key without permission', 'MANAGER_REJECTED', () => [keys.createKey(), keys.createKey().key]],
    [
      'the rotated key as manager',
      'MANAGER_REJECTED',
      () => {
        const rotated = keys.createKey();
        return [rotated, rotated.key];
      },
    ],
  ])('refuses %s, and stores nothing', async (_, code, prepare) => {
    const { error, ...result } = await initWith(...prepare());

    expect(result).toEqual({ code: 5, isStored: false });
    expect(error).toMatchObject({ code, advice: expect.stringMatching(/^Nothing was changed\. /) });
  });
});
