import {
  DescribeSecretCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { toSecretDescription } from '../../secret/secrets-manager-store.ts';
import { toAwsError } from './aws-error.ts';
import type { RotationService, RotationStart } from './rotation-service.ts';

/**
 * {@link RotationService} on AWS Secrets Manager.
 *
 * @param profile where the client's credentials come from, for the message when there are none.
 */
export function createSecretsManagerRotationService(client: SecretsManagerClient, profile?: string): RotationService {
  return {
    describe: async (secretId) => {
      try {
        const answer = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
        const rules = answer.RotationRules;
        return {
          ...toSecretDescription(secretId, answer),
          rotationFunctionArn: answer.RotationLambdaARN,
          schedule:
            rules?.ScheduleExpression ??
            (rules?.AutomaticallyAfterDays === undefined ? undefined : `rate(${rules.AutomaticallyAfterDays} days)`),
          lastRotatedAt: answer.LastRotatedDate?.getTime(),
          nextRotationAt: answer.NextRotationDate?.getTime(),
          deletedAt: answer.DeletedDate?.getTime(),
        };
      } catch (error) {
        throw toAwsError('DescribeSecret', error, profile);
      }
    },

    rotate: async (secretId, token) => {
      try {
        await client.send(new RotateSecretCommand({ SecretId: secretId, ClientRequestToken: token }));
        return { kind: 'started' };
      } catch (error) {
        return refusalOf(error);
      }
    },

    rotatedBy: async (functionId) => {
      const arns: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client
          .send(new ListSecretsCommand({ MaxResults: 100, ...(NextToken === undefined ? {} : { NextToken }) }))
          .catch((error: unknown) => {
            throw toAwsError('ListSecrets', error, profile);
          });
        for (const { ARN, RotationLambdaARN } of page.SecretList ?? []) {
          if (ARN !== undefined && RotationLambdaARN !== undefined && isFunction(RotationLambdaARN, functionId)) {
            arns.push(ARN);
          }
        }
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return arns;
    },
  };
}

function refusalOf(error: unknown): RotationStart {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  const refused = (reason: Extract<RotationStart, { kind: 'refused' }>['reason']): RotationStart => ({
    kind: 'refused',
    reason,
    answer: message,
  });
  // The secret was described a moment ago, so what is not found, or may not be invoked, is its function.
  if (name === 'ResourceNotFoundException' || /cannot invoke|can't invoke|not allowed to invoke/i.test(message)) {
    return refused('not-invocable');
  }
  if (name !== 'InvalidRequestException' && name !== 'InvalidParameterException') {
    throw toAwsError('RotateSecret', error);
  }
  if (/previous rotation/i.test(message)) {
    return refused('previous-incomplete');
  }
  return refused(/lambda|rotation (is not|isn't) (enabled|configured)/i.test(message) ? 'not-configured' : 'other');
}

/** arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER] */
function isFunction(arn: string, functionId: string): boolean {
  return arn === functionId || arn.split(':')[6] === functionId;
}
