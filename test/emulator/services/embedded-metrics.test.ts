import { randomUUID } from 'node:crypto';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from 'vitest';
import { localAws } from '../support/local-aws.ts';

const aws = localAws();

async function metricFilter(filterPattern: string): Promise<{
  write: (...lines: readonly string[]) => Promise<void>;
  sum: () => Promise<number>;
  alarm: () => Promise<string | undefined>;
}> {
  const name = `filter-${randomUUID()}`;
  const logs = new CloudWatchLogsClient(aws.clientConfig);
  const metrics = new CloudWatchClient(aws.clientConfig);
  const stream = { logGroupName: name, logStreamName: 'stream' };
  const metric = { metricNamespace: 'Filters', metricName: name, metricValue: '1' };
  await logs.send(new CreateLogGroupCommand(stream));
  await logs.send(new CreateLogStreamCommand(stream));
  await logs.send(
    new PutMetricFilterCommand({
      logGroupName: name,
      filterName: name,
      filterPattern,
      metricTransformations: [metric],
    }),
  );
  const query = { Namespace: 'Filters', MetricName: name, Period: 300 };
  await metrics.send(
    new PutMetricAlarmCommand({
      ...query,
      AlarmName: name,
      Statistic: 'Sum',
      EvaluationPeriods: 1,
      Threshold: 2,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
  return {
    async write(...lines) {
      const logEvents = lines.map((message) => ({ timestamp: Date.now(), message }));
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    },
    async sum() {
      const [StartTime, EndTime] = [new Date(Date.now() - 600_000), new Date(Date.now() + 60_000)];
      const { Datapoints = [] } = await metrics.send(
        new GetMetricStatisticsCommand({ ...query, StartTime, EndTime, Statistics: ['Sum'] }),
      );
      return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
    },
    async alarm() {
      const { MetricAlarms } = await metrics.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
      return MetricAlarms?.[0]?.StateValue;
    },
  };
}

test('each matching line puts the metric, and enough lines raise the alarm', async () => {
  const { write, sum, alarm } = await metricFilter('{ $.rotation_event = "step-failed" }');
  await write('{"rotation_event":"step-failed"}', '{"rotation_event":"step-succeeded"}');
  expect(await sum()).toBe(1);
  expect(await alarm()).not.toBe('ALARM');
  await write('{"level":"ERROR","rotation_event":"step-failed"}');
  expect(await sum()).toBe(2);
  expect(await alarm()).toBe('ALARM');
});

test('a line that is not a JSON object puts no metric', async () => {
  const { write, sum } = await metricFilter('{ $.rotation_event = "step-failed" }');
  await write(
    'rotation_event step-failed',
    '["rotation_event","step-failed"]',
    'INFO {"rotation_event":"step-failed"}',
  );
  expect(await sum()).toBe(0);
});

test('a filter with another kind of pattern puts no metric', async () => {
  const { write, sum } = await metricFilter('{ $.rotation_event = "step-*" }');
  await write('{"rotation_event":"step-failed"}', '{"rotation_event":"step-*"}');
  expect(await sum()).toBe(0);
});
