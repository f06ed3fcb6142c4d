import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PROJECT_ID } from '../../local/api-keys/control-plane.ts';
import { type KeyCloud, startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import type { KeyFields } from '../../local/api-keys/key-directory.ts';
import { LOG_FIELD } from '../../telemetry/log-line.ts';
import { labelsOf, rotateToItsEnd, setRetries } from '../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import { deployKeySecret, type KeySecret, type KeySecretOptions } from '../support/key-secret.ts';
import { secretsManager, servers } from '../support/servers.ts';

interface ListedKey {
  readonly apiKeyId: string;
  readonly createdBy: string;
}

let keys: KeyCloud;

beforeAll(async () => {
  keys = await startKeyCloud(servers().access.milvus.plaintext);
});

afterAll(() => keys.close());

/** Deploys a function for a secret with a key that a person makes in the console. */
async function deployFor(key: Partial<KeyFields>, options: KeySecretOptions = {}): Promise<KeySecret> {
  const deployed = await deployKeySecret(servers(), { ...keys, createKey: () => keys.createKey(key) }, options);
  onTestFinished(() => deployed.secret.close());
  return deployed;
}

async function keyIn({ secret }: KeySecret): Promise<{ readonly apiKeyId: string; readonly token: string }> {
  return JSON.parse(await secret.value()) as { apiKeyId: string; token: string };
}

/** The keys of the organization, as the control plane tells them to its Owner. */
async function listed(): Promise<readonly ListedKey[]> {
  const headers = { Authorization: `Bearer ${keys.managerKey}` };
  const answer = await fetch(`${keys.controlPlaneUrl}/v2/api-keys?pageSize=100`, { headers });
  return ((await answer.json()) as { data: { apiKeys: ListedKey[] } }).data.apiKeys;
}

const ADMIN: Partial<KeyFields> = {
  name: 'manager',
  projects: [
    { projectId: PROJECT_ID, role: 'Admin', allCluster: true, clusterIds: [], allVolume: false, volumeIds: [] },
  ],
};

describe('the deployed function rotates a manager key', () => {
  it('of a project Admin, and the next rotation of an application key uses the new manager key', async () => {
    const manager = await deployFor(ADMIN);
    const { ARN = '' } = await secretsManager().describeSecret({ SecretId: manager.secret.name });
    const application = await deployFor({}, { environment: { MANAGER_SECRET_ARN: ARN } });
    const creatorOfCurrent = async (): Promise<string | undefined> => {
      const { apiKeyId } = await keyIn(application);
      return (await listed()).find((key) => key.apiKeyId === apiKeyId)?.createdBy;
    };

    await rotateToItsEnd(application.secret.name);
    expect(await creatorOfCurrent()).toBe(manager.first.id);

    const token = await rotateToItsEnd(manager.secret.name);
    expect(await labelsOf(manager.secret.name)).toMatchObject({ AWSCURRENT: token });
    const { apiKeyId } = await keyIn(manager);
    expect(apiKeyId).not.toBe(manager.first.id);

    keys.revoke(manager.first.id);
    const next = await rotateToItsEnd(application.secret.name);
    expect(await labelsOf(application.secret.name)).toMatchObject({ AWSCURRENT: next });
    expect(await creatorOfCurrent()).toBe(apiKeyId);
  });

  it('not of an Owner, and creates no key', async () => {
    const owner = await deployFor({ name: 'owner', orgRole: 'Owner', projects: [] });
    const { name } = owner.secret;
    const before = await listed();

    await setRetries(name, 0);
    await rotateToItsEnd(name);

    const lines = await logLinesIn(await logGroupOf(owner.functionName));
    const codes = entriesWith(lines, `secret:${name}-`, LOG_FIELD.errorCode).map((entry) => entry[LOG_FIELD.errorCode]);
    expect(codes).toEqual(['KEY_NOT_ROTATABLE']);
    expect(await listed()).toEqual(before);
    expect((await keyIn(owner)).token).toBe(owner.first.key);
  });
});
