import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createSecretsManagerStore,
  readCurrentValue,
} from '../../../adapters/secrets-manager/secrets-manager-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../../protocol/secret/versions.ts';
import { secretStoreContract } from '../../contract/secret-store-contract.ts';
import { localAws } from '../../emulator/support/local-aws.ts';

const aws = localAws();

secretStoreContract('SecretsManagerStore', async (first) => {
  const secretId = await aws.secret(first);
  const { arn: RotationLambdaARN } = await aws.rotationFunction();
  return {
    store: createSecretsManagerStore(aws.secrets, { secretId, rotationToken: undefined }),
    storeByHand: async (versionId, value) => {
      const put = { SecretId: secretId, ClientRequestToken: versionId, SecretString: value };
      await aws.secrets.putSecretValue(put);
    },
    startRotation: async (ClientRequestToken) => {
      // Holds the rotation before its first step, so that no step changes the empty version.
      await aws.control('PUT', 'hold', { secret: secretId, step: 'createSecret' });
      await aws.rotate(secretId, {
        RotationLambdaARN,
        ClientRequestToken,
        RotationRules: { AutomaticallyAfterDays: 30 },
      });
      await aws.until(secretId, 'held');
    },
  };
});

describe('SecretsManagerStore', () => {
  it('reads every page of a long list of versions', async () => {
    const secretId = await aws.secret('v0');
    for (let n = 1; n <= 110; n++) {
      await aws.secrets.putSecretValue({ SecretId: secretId, SecretString: `v${n}` });
    }
    const listed = await createSecretsManagerStore(aws.secrets, { secretId, rotationToken: undefined }).list();
    expect(new Set(listed.map(({ versionId }) => versionId)).size).toBe(111);
  });

  it('reports throttling and a lost connection as unavailable', async () => {
    const secretId = await aws.secret('v0');
    const store = createSecretsManagerStore(aws.secrets, { secretId, rotationToken: undefined });
    await aws.control('POST', 'faults', { action: 'DescribeSecret', kind: 'throttle', secret: secretId });
    await expect(store.describe()).rejects.toMatchObject({ code: 'ThrottlingException', kind: 'unavailable' });
    await aws.control('POST', 'faults', { action: 'DescribeSecret', kind: 'lose-answer', cut: true, secret: secretId });
    await expect(store.describe()).rejects.toMatchObject({ action: 'DescribeSecret', kind: 'unavailable' });
    expect((await store.describe()).arn).toBe(secretId);
  });

  it('reports a secret that is marked for deletion as refused, not as a moved label', async () => {
    const secretId = await aws.secret('v0');
    const store = createSecretsManagerStore(aws.secrets, { secretId, rotationToken: undefined });
    const current = holderOf(await store.describe(), AWSCURRENT) ?? '';
    const to = randomUUID();
    await store.put({ versionId: to, value: 'v1', labels: [AWSPENDING] });
    await aws.secrets.deleteSecret({ SecretId: secretId });
    await expect(store.promote({ to, from: current })).rejects.toMatchObject({
      action: 'UpdateSecretVersionStage',
      code: 'InvalidRequestException',
      kind: 'refused',
    });
  });

  it('reads a binary secret as an empty text, which is no credential', async () => {
    const name = `binary-${randomUUID()}`;
    const made = await aws.secrets.createSecret({ Name: name, SecretBinary: new Uint8Array([1, 2, 3]) });
    const store = createSecretsManagerStore(aws.secrets, { secretId: name, rotationToken: undefined });
    expect(await store.read(made.VersionId ?? '')).toBe('');
    expect(await readCurrentValue(aws.secrets, name)).toBe('');
  });
});
