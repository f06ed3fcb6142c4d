import { isDeepStrictEqual } from 'node:util';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Stack } from 'aws-cdk-lib';
import { expect, test, vi } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { OverdueCheck } from '../../../infra/monitoring/overdue-check.ts';
import { measureProgress } from '../../../lambda/progress-listeners.ts';
import { RotationError } from '../../../protocol/rotation/errors.ts';
import type { Step } from '../../../protocol/rotation/rotation-request.ts';
import { METRIC, METRIC_NAMESPACE } from '../../../telemetry/metrics.ts';
import { deployedFunction } from '../support/constructs.ts';
import { appWithoutBundles } from '../support/templates.ts';

const SECRET = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:orders-Ab12Cd';
const env = { account: '111122223333', region: 'us-west-2' };

/** What the function logs of a finished and of a failed step. CloudWatch reads metrics from it. */
function linesOfTwoSteps(functionName: string): object[] {
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
  return lines.map((line) => JSON.parse(line) as object);
}

test('the function publishes every metric of the construct with its namespace, name and dimensions', () => {
  const fn = deployedFunction(new Stack(appWithoutBundles(), 'Test'));
  const lines = linesOfTwoSteps('rotation');
  const some = (member: unknown): unknown => expect.arrayContaining([member]);
  for (const { namespace, metricName, dimensions = {} } of [
    fn.metricStepFailed(),
    fn.metricFailureByCode('CLUSTER_UNREACHABLE'),
    fn.metricStepDuration('createSecret'),
    fn.metricStepDuration('setSecret'),
  ]) {
    const metric = {
      Namespace: namespace,
      Dimensions: some(
        expect.toSatisfy((names: string[]) => isDeepStrictEqual(new Set(names), new Set(Object.keys(dimensions)))),
      ),
      Metrics: some(expect.objectContaining({ Name: metricName })),
    };
    expect(lines).toContainEqual(
      expect.objectContaining({ ...dimensions, _aws: expect.objectContaining({ CloudWatchMetrics: some(metric) }) }),
    );
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
