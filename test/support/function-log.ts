import { CloudWatchLogs, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { Lambda } from '@aws-sdk/client-lambda';
import type { AwsOptions } from '../../local/cloud/access.ts';
import { awsOptions } from './servers.ts';

/** The log group of a Lambda function. */
export async function logGroupOf(functionArn: string, options: AwsOptions = awsOptions()): Promise<string> {
  const { LoggingConfig } = await new Lambda(options).getFunctionConfiguration({ FunctionName: functionArn });
  if (LoggingConfig?.LogGroup === undefined) {
    throw new Error(`${functionArn} names no log group: ${JSON.stringify(LoggingConfig)}`);
  }
  return LoggingConfig.LogGroup;
}

/** Every line of a log group, oldest first. */
export async function logLinesIn(logGroupName: string, options: AwsOptions = awsOptions()): Promise<string[]> {
  const lines: string[] = [];
  const client = new CloudWatchLogs(options);
  for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
    lines.push(...events.map(({ message = '' }) => message));
  }
  return lines;
}

/** The structured lines that contain every text, parsed. */
export function entriesWith(lines: readonly string[], ...texts: readonly string[]): Record<string, unknown>[] {
  return lines
    .filter((line) => line.startsWith('{') && texts.every((text) => line.includes(text)))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
