import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { parseLogLine } from '../../telemetry/log-line.ts';
import type { FunctionLog, FunctionLogLine } from './aws.ts';
import { toAwsError } from './aws-error.ts';

/** {@link FunctionLog} on CloudWatch Logs. The first read finds the log group. */
export function createCloudWatchFunctionLog(
  clients: { lambda: LambdaClient; logs: CloudWatchLogsClient },
  functionArn: string,
): FunctionLog {
  let group: Promise<string> | undefined;
  return {
    readLines: async (versionId, since) => {
      group ??= readLogGroup(clients.lambda, functionArn);
      const logGroupName = await group;
      const lines: FunctionLogLine[] = [];
      let nextToken: string | undefined;
      do {
        const page = await clients.logs
          .send(
            new FilterLogEventsCommand({
              logGroupName,
              startTime: since,
              // Matches JSON lines and text lines. A JSON pattern would match only JSON lines.
              filterPattern: `"${versionId}"`,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
          )
          .catch((error: unknown) => {
            throw toAwsError('FilterLogEvents', error);
          });
        for (const { eventId, timestamp = 0, message = '' } of page.events ?? []) {
          const line = parseLogLine(message, versionId);
          if (line !== undefined) {
            lines.push({ ...line, id: eventId ?? `${timestamp} ${message}`, at: timestamp });
          }
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return lines.toSorted((a, b) => a.at - b.at);
    },
  };
}

/** The configured log group, or Lambda's default group if the configuration is unreadable. */
async function readLogGroup(lambda: LambdaClient, functionArn: string): Promise<string> {
  // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
  const defaultGroup = `/aws/lambda/${functionArn.split(':')[6] ?? functionArn}`;
  try {
    const answer = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }));
    return answer.LoggingConfig?.LogGroup ?? defaultGroup;
  } catch {
    return defaultGroup;
  }
}
