import {
  type CloudWatchLogsClient,
  type FilterLogEventsCommandInput,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { KEY_EVENT, LOG_FIELD, parseLogLine, STEP_EVENT } from '../../telemetry/log-line.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { FunctionLog, FunctionLogLine } from './aws.ts';
import { AwsError, answerOf } from './aws-error.ts';
import { logGroupOf, type ReadConfiguration } from './function-configuration.ts';

const STEP_EVENTS: readonly string[] = [...Object.values(STEP_EVENT), ...Object.values(KEY_EVENT)];

/** {@link FunctionLog} on CloudWatch Logs. The first read finds the log group. */
export function createCloudWatchFunctionLog(
  logs: CloudWatchLogsClient,
  readConfiguration: ReadConfiguration,
  functionArn: string,
): FunctionLog {
  let group: Promise<string> | undefined;
  const read = async (filter: Omit<FilterLogEventsCommandInput, 'logGroupName'>): Promise<FunctionLogLine[]> => {
    group ??= readLogGroup(readConfiguration, functionArn);
    return await readAllPages(logs, { ...filter, logGroupName: await group });
  };
  return {
    readLines: async (versionId, since) => {
      // Matches JSON lines and text lines. A JSON pattern would match only JSON lines.
      const lines = await read({ startTime: since, filterPattern: `"${versionId}"` });
      return lines.filter((line) => line.versionId === versionId);
    },
    readSteps: async ({ since, until }, secretArn) => {
      // A pattern of one term, because the emulator knows no alternatives.
      const filterPattern = `"${secretArn ?? LOG_FIELD.event}"`;
      const lines = await read({ startTime: since, endTime: until, filterPattern });
      return lines.filter(
        (line) => STEP_EVENTS.includes(line.event) && (secretArn === undefined || line.secretArn === secretArn),
      );
    },
  };
}

async function readAllPages(
  client: CloudWatchLogsClient,
  filter: FilterLogEventsCommandInput,
): Promise<FunctionLogLine[]> {
  const pages = await answerOf('FilterLogEvents', Array.fromAsync(paginateFilterLogEvents({ client }, filter)));
  return pages
    .flatMap(({ events = [] }) => events)
    .flatMap(({ timestamp = 0, message = '' }) => {
      const line = parseLogLine(message);
      return line === undefined ? [] : [{ ...line, at: timestamp }];
    })
    .toSorted((a, b) => a.at - b.at);
}

/** The configured log group, or Lambda's default group if the configuration is unreadable. */
async function readLogGroup(readConfiguration: ReadConfiguration, functionArn: string): Promise<string> {
  const configuration = await catchKnown(readConfiguration(functionArn), AwsError);
  // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
  const FunctionName = functionArn.split(':')[6] ?? functionArn;
  return logGroupOf(configuration instanceof AwsError ? { FunctionName } : { FunctionName, ...configuration });
}
