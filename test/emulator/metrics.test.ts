import { randomUUID } from 'node:crypto';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { beforeEach, expect, test } from 'vitest';
import { localAws } from './support/local-aws.ts';

const aws = localAws();

let metrics: CloudWatch;
let logs: CloudWatchLogs;
/** The name of the log group, of the metric and of its alarm. */
let name: string;

beforeEach(async () => {
  metrics = new CloudWatch(aws.clientConfig);
  logs = new CloudWatchLogs(aws.clientConfig);
  name = `metric-${randomUUID()}`;
  await logs.createLogGroup({ logGroupName: name });
  await logs.createLogStream({ logGroupName: name, logStreamName: 'stream' });
});

async function write(...messages: readonly string[]): Promise<void> {
  const logEvents = messages.map((message) => ({ timestamp: Date.now(), message }));
  await logs.putLogEvents({ logGroupName: name, logStreamName: 'stream', logEvents });
}

/** A line with the metric, for all services and for each step. */
function line(values: Readonly<Record<string, unknown>>, Dimensions = [['service', 'step'], ['service']]): string {
  const CloudWatchMetrics = [{ Namespace: 'Embedded', Dimensions, Metrics: [{ Name: name, Unit: 'Count' }] }];
  return JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, service: 'rotation', ...values });
}

const query = (dimensions: Readonly<Record<string, string>>) => ({
  Namespace: 'Embedded',
  MetricName: name,
  Period: 300,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

async function sum(dimensions: Readonly<Record<string, string>>): Promise<number> {
  const [StartTime, EndTime] = [new Date(Date.now() - 600_000), new Date(Date.now() + 60_000)];
  const { Datapoints = [] } = await metrics.getMetricStatistics({
    ...query(dimensions),
    StartTime,
    EndTime,
    Statistics: ['Sum'],
  });
  return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
}

async function alarmState(): Promise<string | undefined> {
  const { MetricAlarms } = await metrics.describeAlarms({ AlarmNames: [name] });
  return MetricAlarms?.[0]?.StateValue;
}

test('a line puts its metric for each set of dimensions, and enough lines raise the alarm', async () => {
  await metrics.putMetricAlarm({
    ...query({ service: 'rotation' }),
    AlarmName: name,
    Statistic: 'Sum',
    EvaluationPeriods: 1,
    Threshold: 3,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
  await write(line({ step: 'setSecret', [name]: 1 }), line({ step: 'testSecret', [name]: 1 }));
  expect(await sum({ service: 'rotation', step: 'setSecret' })).toBe(1);
  expect(await sum({ service: 'rotation' })).toBe(2);
  expect(await alarmState()).not.toBe('ALARM');
  await write(line({ step: 'setSecret', [name]: 1 }));
  expect(await sum({ service: 'rotation', step: 'setSecret' })).toBe(2);
  expect(await alarmState()).toBe('ALARM');
});

test('a line without JSON, without a number or without the value of a dimension puts no metric', async () => {
  await write(
    `INFO ${line({ [name]: 1 })}`,
    '["_aws"]',
    '{"_aws":1}',
    line({ step: 'setSecret', [name]: 'one' }),
    line({ [name]: 1 }, [['service', 'step']]),
  );
  expect(await sum({ service: 'rotation' })).toBe(0);
  expect(await sum({ service: 'rotation', step: 'setSecret' })).toBe(0);
});
