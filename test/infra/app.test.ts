import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundle as bundleOf, FUNCTIONS } from '../../build/function-bundle.ts';
import { newFolder } from './support/templates.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
/** The PATH of npm scripts, with which `node` in cdk.json is the node of the project. */
const PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`;

async function synth(
  configuration: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ output: string; directory: string; failed: boolean }> {
  const directory = newFolder();
  const file = join(directory, 'rotation.yaml');
  writeFileSync(file, configuration);
  const options = ['--quiet', '--output', join(directory, 'out'), '--context', `config=${file}`];
  const child = run(process.execPath, [cdk, 'synth', ...options], {
    cwd: root,
    env: { ...process.env, PATH, ...env },
  });
  const { stdout, stderr, failed } = await child.then(
    (done) => ({ ...done, failed: false }),
    (error: unknown) => ({ ...(error as { stdout: string; stderr: string }), failed: true }),
  );
  return { output: stdout + stderr, directory: join(directory, 'out'), failed };
}

test('cdk synth makes a template and a bundle of each real function, without Docker', async () => {
  const { output, directory, failed } = await synth(readFileSync(join(root, 'rotation.yaml'), 'utf8'));
  expect(failed, output).toBe(false);
  const files = readdirSync(directory);
  const template = readFileSync(join(directory, 'zilliz-secret-rotation.template.json'), 'utf8');
  // The password of a new secret must be stored before its first rotation.
  expect(JSON.parse(template).Outputs.NextStep.Value).toBe(
    'npx --no-install zilliz-rotation init milvus/search && npx --no-install zilliz-rotation rotate milvus/search && npx --no-install zilliz-rotation status --all',
  );
  const bundles = files.filter((file) => file.startsWith('asset.')).map((file) => join(directory, file));
  expect(bundles.map((bundle) => readdirSync(bundle))).toEqual([['index.js'], ['index.js']]);
  const synthesized = bundles.map((bundle) => readFileSync(join(bundle, 'index.js'), 'utf8'));
  for (const entry of [FUNCTIONS.rotation, FUNCTIONS.overdue]) {
    // Without a diff of two bundles after a failure.
    expect(synthesized.includes((await bundleOf(entry)).code), entry).toBe(true);
  }
});

const ELSEWHERE = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-Ab12Cd';
const USER = 'endpoint: "https://in01.zillizcloud.com", username: a';

test.each([
  ['another region', `{arn: "${ELSEWHERE}"}`, /eu-west-1.* us-west-2/],
  ['two secrets with one user', `{name: a, ${USER}}\n  - {name: b, ${USER}}`, /Secrets\/b: username: "a" .*Secrets\/a/],
])('%s in the configuration stop cdk synth, without a stack trace', async (_, secrets, message) => {
  const { output, failed } = await synth(`secrets:\n  - ${secrets}\n`, { AWS_REGION: 'us-west-2' });
  expect(failed).toBe(true);
  expect(output).toMatch(message);
  expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
});
