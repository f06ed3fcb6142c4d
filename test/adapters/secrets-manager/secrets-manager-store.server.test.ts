import { createSecretsManagerStore } from '../../../adapters/secrets-manager/secrets-manager-store.ts';
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
