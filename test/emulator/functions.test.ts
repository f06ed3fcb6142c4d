import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../adapters/support/grpc-server.ts';
import { serve } from '../support/loopback.ts';
import { functionZip } from './support/function-zip.ts';
import { createRole, createUser, type Statement } from './support/identities.ts';
import { account, createFunction, localAws, refusal, region } from './support/local-aws.ts';
import { createProbe } from './support/probe.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });
const logs = (): CloudWatchLogs => new CloudWatchLogs(aws.clientConfig);

const WRITE = ['logs:CreateLogStream', 'logs:PutLogEvents'];
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
  return linesOf(LogGroup);
}

async function linesOf(logGroupName: string): Promise<readonly string[]> {
  const answer = await logs()
    .filterLogEvents({ logGroupName })
    .catch((error: Error) => {
      if (error.name !== 'ResourceNotFoundException') throw error;
      return { events: [] };
    });
  return (answer.events ?? []).map(({ message = '' }) => message);
}

describe('the log of a function', () => {
  test('is written if the role allows the actions on the log group', async () => {
    const group = await logGroup();
    const lines = await logOfFunction(group, [{ Action: WRITE, Resource: streamsOf(group) }]);
    expect(lines).toContainEqual(expect.stringContaining('START RequestId'));
  });

  test.each(WRITE)('stays empty with %s only, although the function runs', async (Action) => {
    const group = await logGroup();
    expect(await logOfFunction(group, [{ Action, Resource: streamsOf(group) }])).toEqual([]);
  });

  test('stays empty with a permission on another log group', async () => {
    const group = await logGroup();
    expect(await logOfFunction(group, [{ Action: 'logs:*', Resource: streamsOf('another') }])).toEqual([]);
  });

  test('is written to a new log group if the role may also create the group', async () => {
    expect(await logOfFunction(`group-${randomUUID()}`, [{ Action: WRITE }])).toEqual([]);
    const lines = await logOfFunction(`group-${randomUUID()}`, [{ Action: [...WRITE, 'logs:CreateLogGroup'] }]);
    expect(lines).not.toEqual([]);
  });
});

test('a user writes only to streams of the log group that the policy of the user names', async () => {
  const [allowed, other] = await Promise.all([logGroup(), logGroup()]);
  const statement = { Action: WRITE, Resource: streamsOf(allowed) };
  const writer = new CloudWatchLogs(await createUser(aws.clientConfig, [statement]));
  const at = { logStreamName: 'stream' };
  const logEvents = [{ timestamp: Date.now(), message: 'a line' }];
  await writer.createLogStream({ logGroupName: allowed, ...at });
  await writer.putLogEvents({ logGroupName: allowed, ...at, logEvents });
  expect(await linesOf(allowed)).toEqual(['a line']);
  const create = writer.createLogStream({ logGroupName: other, ...at });
  expect(await refusal(create)).toMatch(/^AccessDenied.*logs:CreateLogStream/);
  await logs().createLogStream({ logGroupName: other, ...at });
  const put = writer.putLogEvents({ logGroupName: other, ...at, logEvents });
  expect(await refusal(put)).toMatch(/^AccessDenied.*logs:PutLogEvents/);
  expect(await linesOf(other)).toEqual([]);
});

test.each(['127.0.0.1', 'localhost'])('a function speaks TLS with a server on %s and checks its name', async (host) => {
  const { key, cert } = await selfSigned();
  const server = createServer({ key, cert }, (_, response) => response.end());
  const { port } = await serve(server, 'https');
  const Role = await createRole(aws.clientConfig, []);
  const FunctionName = await createFunction(aws.lambda, await functionZip('tls-function.ts'), { Role });
  const Payload = Buffer.from(JSON.stringify({ url: `https://${host}:${port}/`, ca: cert }));
  const answer = await aws.lambda.invoke({ FunctionName, Payload });
  // The certificate is for 127.0.0.1 only.
  expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toBe(
    host === '127.0.0.1' ? 200 : 'ERR_TLS_CERT_ALTNAME_INVALID',
  );
});
