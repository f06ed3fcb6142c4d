import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  type ListSecretsResponse,
  paginateListSecrets,
  RotateSecretCommand,
  type RotateSecretCommandInput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { isAws } from '../../adapters/aws-errors.ts';
import { toSecretDescription } from '../../adapters/secrets-manager-store.ts';
import type { RotatingSecret, RotationService, RotationStart } from './aws.ts';
import { answerOf, toAwsError } from './aws-error.ts';
import { readPages } from './read-pages.ts';

/**
 * {@link RotationService} on AWS Secrets Manager.
 *
 * @param interrupted ends a long list
 * @param profile the profile of the client, for the message if it gives no credentials
 * @param single repeats no request. Sends RotateSecret, because the caller decides about
 * repetitions.
 */
export function createSecretsManagerRotationService(
  client: SecretsManagerClient,
  interrupted: AbortSignal,
  profile?: string,
  single: SecretsManagerClient = client,
): RotationService {
  const call = async <T>(action: string, answer: Promise<T>): Promise<T> => await answerOf(action, answer, profile);
  const rotate = async (request: RotateSecretCommandInput): Promise<RotationStart> => {
    try {
      await single.send(new RotateSecretCommand(request));
      return { kind: 'started' };
    } catch (error) {
      return toRefusal(error);
    }
  };
  return {
    describeSecret: async (secretId) => {
      const answer = client.send(new DescribeSecretCommand({ SecretId: secretId }));
      return toRotatingSecret(secretId, await call('DescribeSecret', answer));
    },

    createSecret: async ({ name, versionId, value, description, tags }) => {
      try {
        await client.send(
          new CreateSecretCommand({
            Name: name,
            ClientRequestToken: versionId,
            SecretString: value,
            Description: description,
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
          }),
        );
        return 'created';
      } catch (error) {
        if (isAws(error, 'ResourceExistsException')) {
          return 'exists';
        }
        throw toAwsError('CreateSecret', error, profile);
      }
    },

    startRotation: (secretId, token) => rotate({ SecretId: secretId, ClientRequestToken: token }),

    scheduleRotation: (secretId, functionArn, expression) =>
      rotate({
        SecretId: secretId,
        RotationLambdaARN: functionArn,
        RotationRules: { ScheduleExpression: expression },
        RotateImmediately: false,
      }),

    cancelRotation: async (secretId) => {
      await call('CancelRotateSecret', client.send(new CancelRotateSecretCommand({ SecretId: secretId })));
    },

    deleteSecret: async (secretId) => {
      const command = new DeleteSecretCommand({ SecretId: secretId, ForceDeleteWithoutRecovery: true });
      await call('DeleteSecret', client.send(command));
    },

    listSecrets: async () => {
      const pages = paginateListSecrets({ client, pageSize: 100 }, {});
      const toSecrets = ({ SecretList = [] }: ListSecretsResponse) =>
        SecretList.map(({ SecretVersionsToStages, ...secret }) =>
          toRotatingSecret('', { ...secret, VersionIdsToStages: SecretVersionsToStages }),
        );
      return await readPages('ListSecrets', pages, toSecrets, { interrupted, profile });
    },
  };
}

function toRotatingSecret(secretId: string, answer: Omit<DescribeSecretCommandOutput, '$metadata'>): RotatingSecret {
  const rules = answer.RotationRules;
  return {
    ...toSecretDescription(secretId, answer),
    rotationFunctionArn: answer.RotationLambdaARN,
    schedule:
      rules?.ScheduleExpression ??
      (rules?.AutomaticallyAfterDays === undefined ? undefined : `rate(${rules.AutomaticallyAfterDays} days)`),
    window: rules?.Duration,
    lastAccessedAt: answer.LastAccessedDate?.getTime(),
    nextRotationAt: answer.NextRotationDate?.getTime(),
    kmsKeyId: answer.KmsKeyId,
    createdAt: answer.CreatedDate?.getTime(),
    deletedAt: answer.DeletedDate?.getTime(),
  };
}

/** ASSUMPTION sm-refusal-texts */
function toRefusal(error: unknown): RotationStart {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  const refused = (reason: Extract<RotationStart, { kind: 'refused' }>['reason']): RotationStart => ({
    kind: 'refused',
    reason,
    answer: message,
  });
  // The secret exists, because the command has just described it. So the function is what AWS
  // did not find.
  if (name === 'ResourceNotFoundException' || /cannot invoke|can't invoke|not allowed to invoke/i.test(message)) {
    return refused('not-invocable');
  }
  if (name !== 'InvalidRequestException' && name !== 'InvalidParameterException') {
    throw toAwsError('RotateSecret', error);
  }
  return refused(/previous rotation/i.test(message) ? 'previous-incomplete' : 'other');
}
