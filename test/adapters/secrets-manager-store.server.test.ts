import { createSecretsManagerStore } from '../../adapters/secrets-manager-store.ts';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { createIdleFunction } from '../../local/cloud/lambda-function.ts';
import { secretStoreContract } from '../contract/secret-store-contract.ts';
import { servers, uniqueName } from '../support/servers.ts';

secretStoreContract('SecretsManagerStore', async (first) => {
  const secret = new CloudSecret(servers().access, uniqueName('store'));
  const secretId = await secret.create(first);
  const RotationLambdaARN = await createIdleFunction(servers().access);
  return {
    store: createSecretsManagerStore(secret.aws, { secretId, rotationToken: undefined }),
    storeByHand: async (versionId, value) => {
      const put = { SecretId: secretId, ClientRequestToken: versionId, SecretString: value };
      await secret.aws.putSecretValue(put);
    },
    startRotation: async (ClientRequestToken) => {
      // Holds the rotation before its first step, so that no step changes the empty version.
      await secret.holdBefore('createSecret');
      const RotationRules = { AutomaticallyAfterDays: 30 };
      await secret.aws.rotateSecret({ SecretId: secretId, RotationLambdaARN, ClientRequestToken, RotationRules });
      await secret.until('held');
    },
  };
});
