import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Aws } from './aws.ts';
import { ASK_FOR_PERMISSION, AwsError, answerOf } from './aws-error.ts';
import { memoize } from './memoize.ts';

/** Reads each function once, because many secrets share one function. */
export function createFunctionEnvironmentReader(lambda: LambdaClient): Aws['functionEnvironment'] {
  return memoize(async (functionArn) => {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionArn });
    const answer = await answerOf('GetFunctionConfiguration', lambda.send(command));
    const { Variables = {}, Error: refusal } = answer.Environment ?? {};
    if (refusal === undefined) {
      return Variables;
    }
    throw new AwsError(
      'access-denied',
      'GetFunctionConfiguration',
      `AWS does not decrypt the environment of the function (${refusal.ErrorCode ?? 'no code'}). This needs kms:Decrypt with the key of the function.`,
      ASK_FOR_PERMISSION,
    );
  });
}
