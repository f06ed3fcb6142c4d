import {
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { answerOf } from './aws-error.ts';
import { memoize } from './memoize.ts';

/** @throws AwsError */
export type ReadConfiguration = (functionArn: string) => Promise<GetFunctionConfigurationCommandOutput>;

/** Reads each function once, because many secrets share one function. */
export function createConfigurationReader(lambda: LambdaClient): ReadConfiguration {
  return memoize(async (functionArn) => {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionArn });
    return await answerOf('GetFunctionConfiguration', lambda.send(command));
  });
}

export function logGroupOf({
  FunctionName = '',
  LoggingConfig,
}: Partial<GetFunctionConfigurationCommandOutput>): string {
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
}
