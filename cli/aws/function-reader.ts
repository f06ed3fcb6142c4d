import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  type FilterLogEventsResponse,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { KEY_EVENT, LOG_FIELD, parseLogLine, STEP_EVENT } from '../../telemetry/log-line.ts';
import { productVersionOf } from '../../telemetry/product-version.ts';
import { catchKnown } from '../outcome/failure.ts';
import type { Aws, FunctionLogLine } from './aws.ts';
import { ASK_FOR_PERMISSION, AwsError, answerOf } from './aws-error.ts';
import { memoize } from './memoize.ts';
import type { Pace } from './pace.ts';
import { readPages } from './read-pages.ts';

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

const STEP_EVENTS: readonly string[] = [...Object.values(STEP_EVENT), ...Object.values(KEY_EVENT)];

/**
 * Reads the logs of functions in CloudWatch Logs.
 *
 * @param reading `pace` of the pages of a log. Its quota is small, and the SDK repeats a throttled
 * request only twice
 */
export function createStepsReader(
  client: CloudWatchLogsClient,
  readFunction: Aws['readFunction'],
  reading: { readonly interrupted: AbortSignal; readonly pace: Pick<Pace, 'wait'> },
): Aws['readSteps'] {
  return async (functionArn, { since: startTime, until: endTime }, { secretArn, versionId } = {}) => {
    const logGroupName = await readLogGroup(readFunction, functionArn);
    // A pattern of one term, because the emulator knows no alternatives. It matches JSON lines and
    // text lines. A JSON pattern would match only JSON lines.
    const filterPattern = `"${secretArn ?? versionId ?? LOG_FIELD.event}"`;
    const filter = { logGroupName, startTime, endTime, filterPattern };
    const toLine = ({ timestamp: at = 0, message = '' }: FilteredLogEvent): readonly FunctionLogLine[] => {
      const line = parseLogLine(message);
      const isWanted =
        line !== undefined &&
        STEP_EVENTS.includes(line.event) &&
        line.secretArn === (secretArn ?? line.secretArn) &&
        line.versionId === (versionId ?? line.versionId);
      return isWanted ? [{ ...line, at }] : [];
    };
    const pages = paginateFilterLogEvents({ client }, filter);
    const toLines = ({ events = [] }: FilterLogEventsResponse) => events.flatMap(toLine);
    const lines = await readPages('FilterLogEvents', pages, toLines, reading);
    return lines.toSorted((a, b) => a.at - b.at);
  };
}

/** The configured log group, or Lambda's default group if the configuration is unreadable. */
async function readLogGroup(readFunction: Aws['readFunction'], functionArn: string): Promise<string> {
  const found = await catchKnown(readFunction(functionArn), AwsError);
  const configured = found instanceof AwsError ? undefined : found.logGroup;
  // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
  return configured ?? `/aws/lambda/${functionArn.split(':')[6] ?? functionArn}`;
}
