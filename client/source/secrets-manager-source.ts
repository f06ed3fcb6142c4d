import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isAws, storeError } from '../../adapters/secrets-manager/aws-errors.ts';
import type { SecretSource } from './secret-source.ts';

/**
 * {@link SecretSource} on AWS Secrets Manager.
 *
 * @param client The caller closes it. Without it, the source makes and closes a client of its own.
 */
export function secretsManagerSource(secretId: string, client?: SecretsManagerClient): SecretSource {
  const secretsManager = client ?? new SecretsManagerClient();
  let maySeeSchedule = true;
  return {
    read: async (stage, abortSignal) => {
      try {
        const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage });
        const { VersionId = '', SecretString = '' } = await secretsManager.send(command, { abortSignal });
        return { versionId: VersionId, value: SecretString };
      } catch (error) {
        // RotateSecret puts AWSPENDING on a version without a value.
        if (stage === 'AWSPENDING' && isAws(error, 'ResourceNotFoundException')) {
          return undefined;
        }
        throw storeError('GetSecretValue', error);
      }
    },

    nextRotation: async (abortSignal) => {
      if (!maySeeSchedule) {
        return undefined;
      }
      try {
        const command = new DescribeSecretCommand({ SecretId: secretId });
        return (await secretsManager.send(command, { abortSignal })).NextRotationDate;
      } catch (error) {
        maySeeSchedule = storeError('DescribeSecret', error).kind === 'unavailable';
        return undefined;
      }
    },

    close: () => {
      if (client === undefined) {
        secretsManager.destroy();
      }
    },
  };
}
