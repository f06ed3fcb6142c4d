import { Metrics } from '@aws-lambda-powertools/metrics';
import { Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { expect, test, vi } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { IRotationFunction } from '../../../infra/function/rotation-function-base.ts';
import { OverdueCheck } from '../../../infra/monitoring/overdue-check.ts';
import { measureProgress } from '../../../lambda/progress-listeners.ts';
import { RotationError } from '../../../protocol/rotation/errors.ts';
import type { Step } from '../../../protocol/rotation/rotation-request.ts';
import { METRIC, METRIC_NAMESPACE } from '../../../telemetry/metrics.ts';
import { appWithoutBundles } from '../support/templates.ts';

const SECRET = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:orders-Ab12Cd';
const env = { account: '111122223333', region: 'us-west-2' };

interface Embedded {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** The metrics of a failed and of a finished step, as `NAMESPACE NAME {dimensions}`. */
function metricsOfTwoSteps(functionName: string): string[] {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(...String(chunk).split('\n').filter(Boolean));
    return true;
  });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: functionName });
  const listenerOf = (step: Step) =>
    measureProgress(metrics, { step, secretId: SECRET, token: 't1', rotationToken: undefined });
  listenerOf('createSecret')({ event: 'step-finished', outcome: 'created', durationMs: 12.4 });
  const error = new RotationError('CLUSTER_UNREACHABLE', 'The cluster cannot be reached.');
  listenerOf('setSecret')({ event: 'step-failed', error, durationMs: 5 });
  write.mockRestore();
  return lines.flatMap((line) => published(JSON.parse(line) as Embedded));
}

function published(line: Embedded): string[] {
  return line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics: named }) =>
    named.flatMap(({ Name }) =>
      Dimensions.map((names) => {
        const values = names.map((name) => [name, (line as unknown as Record<string, unknown>)[name]]);
        return `${Namespace} ${Name} ${JSON.stringify(Object.fromEntries(values.toSorted()))}`;
      }),
    ),
  );
}

function asPublished({ namespace, metricName, dimensions = {} }: Metric): string {
  return `${namespace} ${metricName} ${JSON.stringify(Object.fromEntries(Object.entries(dimensions).toSorted()))}`;
}

function deployed(stack: Stack): IRotationFunction {
  return RotationFunction.fromRotationFunctionAttributes(stack, 'Deployed', {
    functionArn: 'arn:aws:lambda:us-west-2:111122223333:function:rotation',
  });
}

test('the function publishes every metric of the construct with its namespace, name and dimensions', () => {
  const fn = deployed(new Stack(appWithoutBundles(), 'Test', { env }));
  const logged = metricsOfTwoSteps('rotation');
  for (const metric of [
    fn.metricStepFailed(),
    fn.metricFailureByCode('CLUSTER_UNREACHABLE'),
    fn.metricStepDuration('createSecret'),
    fn.metricStepDuration('setSecret'),
  ]) {
    expect(logged).toContain(asPublished(metric));
  }
});

test('the metrics of two functions differ', () => {
  const stack = new Stack(appWithoutBundles(), 'Test', { env });
  const [one, two] = [new RotationFunction(stack, 'One'), new RotationFunction(stack, 'Two')].map((fn) =>
    stack.resolve(fn.metricStepFailed().dimensions),
  );
  expect(one).toEqual({ service: { Ref: expect.stringMatching(/^OneFunction/) } });
  expect(two).toEqual({ service: { Ref: expect.stringMatching(/^TwoFunction/) } });
});

test('an overdue secret is counted in the metric of its check', () => {
  const stack = new Stack(appWithoutBundles(), 'Test', { env });
  const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretNamePrefix: 'milvus/' });
  const metric = new OverdueCheck(stack, 'Check', { rotationFunction }).metricOverdue();
  expect([metric.metricName, metric.statistic, metric.period.toHours()]).toEqual([METRIC.overdueSecrets, 'Maximum', 1]);
  expect(stack.resolve(metric.dimensions)).toEqual({ service: { Ref: expect.stringMatching(/^CheckFunction/) } });
});
