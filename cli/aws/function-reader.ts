import {
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { productVersionOf } from '../../telemetry/product-version.ts';
import type { Aws } from './aws.ts';
import { ASK_FOR_PERMISSION, AwsError, answerOf } from './aws-error.ts';
import { memoize } from './memoize.ts';

/** Reads each function once, because many secrets share one function. */
export function createFunctionReader(lambda: LambdaClient): Aws['readFunction'] {
  return memoize(async (functionArn) => {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionArn });
    const answer = await answerOf('GetFunctionConfiguration', lambda.send(command));
    return {
      state: answer.State ?? 'Active',
      stateReason: answer.StateReason,
      lastUpdate: answer.LastUpdateStatus ?? 'Successful',
      runtime: answer.Runtime,
      version: productVersionOf(answer.Description),
      roleArn: answer.Role ?? '',
      lastModified: answer.LastModified ?? '',
      subnetIds: answer.VpcConfig?.SubnetIds ?? [],
      logGroup: answer.LoggingConfig?.LogGroup,
      environment: () => environmentOf(answer),
    };
  });
}

function environmentOf({ Environment }: GetFunctionConfigurationCommandOutput): Readonly<Record<string, string>> {
  const { Variables = {}, Error: refusal } = Environment ?? {};
  if (refusal === undefined) {
    return Variables;
  }
  throw new AwsError(
    'access-denied',
    'GetFunctionConfiguration',
    `AWS does not decrypt the environment of the function (${refusal.ErrorCode ?? 'no code'}). This needs kms:Decrypt with the key of the function.`,
    ASK_FOR_PERMISSION,
  );
}
