import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { parseLogLine } from '../../telemetry/log-line.ts';
import { toAwsError } from './aws-error.ts';
import type { FunctionLog, FunctionLogLine } from './function-log.ts';

/** {@link FunctionLog} on CloudWatch Logs. The log group is asked for once, at the first reading. */
export function createCloudWatchFunctionLog(
  clients: { lambda: LambdaClient; logs: CloudWatchLogsClient },
  functionArn: string,
): FunctionLog {
  let group: Promise<string> | undefined;
  return {
    lines: async (versionId, since) => {
      group ??= logGroupOf(clients.lambda, functionArn);
      const logGroupName = await group;
      const lines: FunctionLogLine[] = [];
      let nextToken: string | undefined;
      do {
        const page = await clients.logs
          .send(
            new FilterLogEventsCommand({
              logGroupName,
              startTime: since,
              // A quoted term is found in JSON and in text lines alike; the pattern for JSON fields only in the former.
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

/** Without the permission to ask, the group that Lambda uses unless it is told of another. */
async function logGroupOf(lambda: LambdaClient, functionArn: string): Promise<string> {
  // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
  const usual = `/aws/lambda/${functionArn.split(':')[6] ?? functionArn}`;
  try {
    const answer = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn }));
    return answer.LoggingConfig?.LogGroup ?? usual;
  } catch {
    return usual;
  }
}
