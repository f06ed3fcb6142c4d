import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Aws } from './aws.ts';
import { ASK_FOR_PERMISSION, AwsError, toAwsError } from './aws-error.ts';

/** Reads each function once, because many secrets share one function. */
export function createFunctionEnvironmentReader(lambda: LambdaClient): Aws['functionEnvironment'] {
  const read = new Map<string, ReturnType<Aws['functionEnvironment']>>();
  return (functionArn) => {
    const known = read.get(functionArn) ?? readEnvironment(lambda, functionArn);
    read.set(functionArn, known);
    return known;
  };
}

async function readEnvironment(lambda: LambdaClient, functionArn: string): Promise<Readonly<Record<string, string>>> {
  try {
    const answer = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }));
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
  } catch (error) {
    throw toAwsError('GetFunctionConfiguration', error);
  }
}
