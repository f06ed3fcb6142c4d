import { expect, it, onTestFinished } from 'vitest';
import { PROJECT_ID } from '../../local/api-keys/control-plane.ts';
import { startKeyCloud } from '../../local/api-keys/key-cloud.ts';
import type { KeyFields } from '../../local/api-keys/key-directory.ts';
import { deployKeySecret, type KeySecret, type KeySecretOptions } from '../support/key-secret.ts';
import { secretsManager, servers } from '../support/servers.ts';

const ADMIN: Partial<KeyFields> = {
  name: 'manager',
  projects: [
    { projectId: PROJECT_ID, role: 'Admin', allCluster: true, clusterIds: [], allVolume: false, volumeIds: [] },
  ],
};

it('the deployed function rotates the manager key of a project Admin, and then uses the new one', async () => {
  const keys = await startKeyCloud(servers().access.milvus.plaintext);
  onTestFinished(() => keys.close());
  /** Deploys a function for a secret with a key that a person makes in the console. */
  const deployFor = (key: Partial<KeyFields>, options: KeySecretOptions = {}): Promise<KeySecret> =>
    deployKeySecret({ ...keys, createKey: () => keys.createKey(key) }, options);
  const keyIdIn = async ({ secret }: KeySecret): Promise<string> =>
    (JSON.parse(await secret.value()) as { apiKeyId: string }).apiKeyId;
  const manager = await deployFor(ADMIN);
  const { ARN = '' } = await secretsManager().describeSecret({ SecretId: manager.secret.name });
  const application = await deployFor({}, { environment: { MANAGER_SECRET_ARN: ARN } });
  const creatorOfCurrent = async (): Promise<string | undefined> => {
    const current = await keyIdIn(application);
    return keys.directory.all().find(({ id }) => id === current)?.createdBy;
  };

  await application.secret.rotate();
  expect(await creatorOfCurrent()).toBe(manager.first.id);

  const token = await manager.secret.rotate();
  expect(await manager.secret.labels()).toMatchObject({ AWSCURRENT: token });
  const next = await keyIdIn(manager);
  expect(next).not.toBe(manager.first.id);

  keys.revoke(manager.first.id);
  const rotation = await application.secret.rotate();
  expect(await application.secret.labels()).toMatchObject({ AWSCURRENT: rotation });
  expect(await creatorOfCurrent()).toBe(next);
});
