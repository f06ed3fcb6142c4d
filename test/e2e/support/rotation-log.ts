import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { awsOptions, secretsManager } from '../../support/servers.ts';

/** The log group of the function that rotates the secret. */
export async function logGroupOf(secretId: string): Promise<string> {
  const { RotationLambdaARN } = await secretsManager().send(new DescribeSecretCommand({ SecretId: secretId }));
  const { LoggingConfig } = await new LambdaClient(awsOptions()).send(
    new GetFunctionConfigurationCommand({ FunctionName: RotationLambdaARN }),
  );
  if (LoggingConfig?.LogGroup === undefined) {
    throw new Error(`The function of ${secretId} names no log group: ${JSON.stringify(LoggingConfig)}`);
  }
  return LoggingConfig.LogGroup;
}

/** Every line of it that names the version, oldest first. */
export async function linesAbout(versionId: string, logGroupName: string): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  for await (const page of paginateFilterLogEvents(
    { client: new CloudWatchLogsClient(awsOptions()) },
    { logGroupName },
  )) {
    lines.push(...(page.events ?? []).map(({ message }) => message ?? ''));
  }
  return lines
    .filter((line) => line.includes(versionId) && line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
