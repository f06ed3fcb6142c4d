import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXAMPLES } from './support/examples.ts';
import { findingsIn } from './support/nag.ts';
import { appWithoutBundles } from './support/templates.ts';

test.each(Object.entries(EXAMPLES))('the example %s has schedules, and cdk-nag finds nothing', (_, build) => {
  const app = appWithoutBundles();
  build(app);
  expect(findingsIn(app)).toEqual([]);
  const templates = JSON.stringify(app.synth().stacks.map(({ template }) => template as unknown));
  expect(templates).toContain('AWS::SecretsManager::RotationSchedule');
});

test('every example is tested', () => {
  const files = readdirSync(new URL('../../examples/cdk', import.meta.url)).filter((file) => file.endsWith('.ts'));
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(files.toSorted());
});
