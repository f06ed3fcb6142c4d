import { randomUUID } from 'node:crypto';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from 'vitest';
import { createRole, createUser, type Statement } from '../support/identities.ts';
import { account, localAws, present, refusal, region } from '../support/local-aws.ts';
import { createProbe } from '../support/probe.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });
const logs = (): CloudWatchLogs => new CloudWatchLogs(aws.clientConfig);

const streamsOf = (group: string): string => `arn:aws:logs:${region}:${account}:log-group:${group}:*`;

async function logGroup(): Promise<string> {
  const logGroupName = `group-${randomUUID()}`;
  await logs().createLogGroup({ logGroupName });
  return logGroupName;
}

/** Runs a function whose role has these statements. @returns the lines of its log */
async function logOfFunction(LogGroup: string, statements: readonly Statement[]): Promise<readonly string[]> {
  const role = await createRole(aws.clientConfig, statements);
  const FunctionName = await createProbe(aws.lambda, role, { LoggingConfig: { LogGroup } });
  const call = JSON.stringify({ service: 'ec2', action: 'DescribeSubnets' });
  const answer = await aws.lambda.invoke({ FunctionName, Payload: Buffer.from(call) });
  expect(answer.FunctionError).toBeUndefined();
  const { LoggingConfig } = await aws.lambda.getFunctionConfiguration({ FunctionName });
  expect(LoggingConfig?.LogGroup).toBe(LogGroup);
  return linesOf(LogGroup);
}

async function linesOf(logGroupName: string): Promise<readonly string[]> {
  const answer = await logs().filterLogEvents({ logGroupName }).catch(undefinedIfMissing);
  return (answer?.events ?? []).map(({ message = '' }) => message);
}

function undefinedIfMissing(error: Error): undefined {
  if (error.name !== 'ResourceNotFoundException') throw error;
}

describe('the log of a function', () => {
  test('is written if the role allows the actions on the log group', async () => {
    const group = await logGroup();
    const Action = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect(await logOfFunction(group, [{ Action, Resource: streamsOf(group) }])).toContainEqual(
      expect.stringContaining('START RequestId'),
    );
  });

  test.each([
    ['logs:PutLogEvents', 'logs:CreateLogStream'],
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
  ])('stays empty without %s, although the function runs', async (_, Action) => {
    const group = await logGroup();
    expect(await logOfFunction(group, [{ Action, Resource: streamsOf(group) }])).toEqual([]);
  });

  test('stays empty with a permission on another log group', async () => {
    const group = await logGroup();
    expect(await logOfFunction(group, [{ Action: 'logs:*', Resource: streamsOf('another') }])).toEqual([]);
  });

  test.each([
    ['is written', 'function-*', 'START'],
    ['stays empty', 'another', undefined],
  ])('%s if the role allows it for the functions named %s', async (_, functions, firstWord) => {
    const group = await logGroup();
    const arn = `arn:aws:lambda:${region}:${account}:function:${functions}`;
    const Condition = { ArnLike: { 'lambda:SourceFunctionArn': arn } };
    const lines = await logOfFunction(group, [{ Action: 'logs:*', Condition }]);
    expect(lines[0]?.split(' ')[0]).toBe(firstWord);
  });

  test('is written to a new log group if the role may also create the group', async () => {
    const Action = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect(await logOfFunction(`group-${randomUUID()}`, [{ Action }])).toEqual([]);
    expect(await logOfFunction(`group-${randomUUID()}`, [{ Action: [...Action, 'logs:CreateLogGroup'] }])).not.toEqual(
      [],
    );
  });
});

test('a user writes only to streams of the log group that the policy of the user names', async () => {
  const [allowed, other] = await Promise.all([logGroup(), logGroup()]);
  const Action = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const writer = new CloudWatchLogs(await createUser(aws.clientConfig, [{ Action, Resource: streamsOf(allowed) }]));
  const write = async (logGroupName: string): Promise<string> => {
    const stream = { logGroupName, logStreamName: 'stream' };
    const logEvents = [{ timestamp: Date.now(), message: 'a line' }];
    return refusal(writer.createLogStream(stream).then(() => writer.putLogEvents({ ...stream, logEvents })));
  };
  expect(await write(allowed)).toBe('accepted');
  expect(await linesOf(allowed)).toEqual(['a line']);
  expect(await write(other)).toMatch(/^AccessDenied.*logs:CreateLogStream/);
  await logs().createLogStream({ logGroupName: other, logStreamName: 'there' });
  const put = { logGroupName: other, logStreamName: 'there', logEvents: [{ timestamp: Date.now(), message: 'x' }] };
  expect(await refusal(writer.putLogEvents(put))).toMatch(/^AccessDenied.*logs:PutLogEvents/);
  expect(present((await linesOf(other)).length)).toBe(0);
});
