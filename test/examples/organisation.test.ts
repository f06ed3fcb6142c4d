import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT, TESTS_BIN } from '../../local/project.ts';
import { DIMENSION, METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';

const FOLDER = join(PROJECT, 'examples', 'organisation');

test('the templates for an organisation pass cfn-lint', () => {
  const templates = globSync('*.yaml', { cwd: FOLDER, exclude: ['orders.yaml'] });
  expect(templates.length).toBeGreaterThan(4);
  const linted = execFileSync(join(TESTS_BIN, 'cfn-lint'), templates, { cwd: FOLDER, encoding: 'utf8' });
  expect(linted).toBe('');
});

test('the central dashboard searches metrics that the functions publish', () => {
  const searched = readFileSync(join(FOLDER, 'dashboard.yaml'), 'utf8').matchAll(/SEARCH\('(.*?)'/g);
  const search = (metric: string): string =>
    String.raw`{${METRIC_NAMESPACE},${DIMENSION.service}} MetricName=\"${metric}\"`;
  expect([...searched].map(([, text]) => text)).toEqual([search(METRIC.stepFailed), search(METRIC.overdueSecrets)]);
});
