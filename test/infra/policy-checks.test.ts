import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { expect, test } from 'vitest';
import { asYaml, releaseTemplate } from '../../build/release/template/template.ts';
import { templateStack } from '../../build/release/template/template-stack.ts';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { rotationStacks } from '../../infra/stack/rotation-stack.ts';
import { PROJECT, TESTS_BIN } from '../../local/project.ts';
import { findingsIn } from './support/nag.ts';
import { appWithoutBundles, newFolder } from './support/templates.ts';

const run = promisify(execFile);

/**
 * W3005: CDK adds a DependsOn from the function to its role, although the function has the ARN of
 * the role.
 */
const IGNORED = ['W3005'];

const fixture = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

const ZIPS = { rotation: 'rotation.zip', overdue: 'overdue.zip' };

/**
 * The sample, with a permission for each secret, a fleet with almost every key, and a function
 * with an admin secret.
 */
const CONFIGURATIONS = [
  ['the sample', fixture('../../rotation.yaml')],
  ['every key', fixture('fixtures/every-key.yaml')],
  ['an admin secret', fixture('fixtures/admin-secret.yaml')],
] as const;

function stacksIn(app: App, text: string, props: StackProps = {}): Stack[] {
  return rotationStacks(app, parseConfiguration(text, 'rotation.yaml'), props);
}

test('the check finds a known problem', () => {
  const app = appWithoutBundles();
  new Bucket(new Stack(app, 'Leaky'), 'Bucket');
  expect(findingsIn(app)).toContain('AwsSolutions-S10 at Leaky/Bucket/Resource');
});

test.each(CONFIGURATIONS)(
  'cdk-nag (AwsSolutions) finds nothing in %s that is not acknowledged with a reason',
  (_, text) => {
    // With CDK's own rules, which also stop a synth of the user.
    const app = appWithoutBundles({ builtinCloudFormationValidation: true });
    stacksIn(app, text);
    expect(findingsIn(app)).toEqual([]);
    // cdk-nag names a resource otherwise if its account and region are known.
    const known = appWithoutBundles();
    stacksIn(known, text, { env: { account: '123456789012', region: 'us-east-1' } });
    expect(findingsIn(known)).toEqual([]);
  },
);

test("CDK's own rules find nothing in the template of the release", () => {
  const app = appWithoutBundles({ builtinCloudFormationValidation: true });
  templateStack(app, '1.2.3', ZIPS);
  expect(() => app.synth()).not.toThrow();
});

// One run of cfn-lint, which takes seconds to start.
test('cfn-lint finds nothing in any of them, and in the templates for an organisation', async () => {
  const organisation = globSync(join(PROJECT, 'examples/organisation/*.yaml'), { exclude: ['**/orders.yaml'] });
  expect(organisation.length).toBeGreaterThan(4);
  const release = join(newFolder(), 'template.yaml');
  writeFileSync(release, asYaml(releaseTemplate(PROJECT, '1.2.3', ZIPS)));
  const files = CONFIGURATIONS.flatMap(([, text]) => {
    const directory = newFolder();
    return stacksIn(appWithoutBundles(), text).map((stack) => {
      const file = join(directory, `${stack.stackName}.json`);
      writeFileSync(file, JSON.stringify(Template.fromStack(stack).toJSON(), null, 1));
      return file;
    });
  });
  const { stdout, stderr } = await run(join(TESTS_BIN, 'cfn-lint'), [
    ...['--format', 'parseable', '--regions', 'us-east-1', '--ignore-checks', ...IGNORED],
    ...['--template', release, ...organisation, ...files],
  ]).catch((error: unknown) => error as { stdout: string; stderr: string });
  expect(stdout + stderr).toBe('');
});
