import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../../local/project.ts';
import { DIMENSION, METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';

const FOLDER = join(PROJECT, 'examples', 'organisation');

test('the central dashboard searches metrics that the functions publish', () => {
  const searched = readFileSync(join(FOLDER, 'dashboard.yaml'), 'utf8').matchAll(/SEARCH\(.*?\)/g);
  const search = (metric: string, statistic: string): string =>
    String.raw`SEARCH('{${METRIC_NAMESPACE},${DIMENSION.service}} MetricName=\"${metric}\"', '${statistic}')`;
  expect([...searched].map(([text]) => text)).toEqual([
    search(METRIC.stepFailed, 'Sum'),
    search(METRIC.overdueSecrets, 'Maximum'),
  ]);
});

test('the rotation of a team begins after its pins, and outlives its stack', () => {
  const text = readFileSync(join(FOLDER, 'rotated-secret.yaml'), 'utf8');
  // The parser does not know the functions of CloudFormation.
  const { Resources } = parse(text, { logLevel: 'silent' }) as { Resources: Record<string, unknown> };
  expect(Resources['Schedule']).toMatchObject({
    DependsOn: 'Pins',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
});
