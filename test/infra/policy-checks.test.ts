import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { RotationStack } from '../../infra/rotation-stack.ts';
import { findingsIn } from './nag.ts';
import { appWithoutBundles } from './templates.ts';

const run = promisify(execFile);
const CFN_LINT = fileURLToPath(new URL('../../.local/venv/bin/cfn-lint', import.meta.url));

/** CDK lets every function depend on its role, which the reference to the role's ARN says already: superfluous and harmless. */
const IGNORED = ['W3005'];

const EVERYTHING = `
secrets:
  - create: milvus/orders
    endpoint: https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530
    username: orders
    kmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  - name: milvus/search
    schedule: cron(0 3 ? * SUN#1 *)
    duration: 2h
  - arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/billing-Ab12Cd
`;

function stackIn(app: App): RotationStack {
  return new RotationStack(app, 'Rotation', { configuration: parseConfiguration(EVERYTHING, 'rotation.yaml') });
}

test('the check itself finds what is wrong', () => {
  const app = appWithoutBundles();
  new Bucket(new Stack(app, 'Leaky'), 'Bucket');
  expect(findingsIn(app)).toContain('AwsSolutions-S10 at Leaky/Bucket/Resource');
});

test('cdk-nag (AwsSolutions) finds nothing that is not acknowledged with a reason', () => {
  const app = appWithoutBundles();
  stackIn(app);
  expect(findingsIn(app)).toEqual([]);
});

test('cfn-lint finds nothing', async () => {
  expect(existsSync(CFN_LINT), 'cfn-lint is missing: run `npm run setup`').toBe(true);
  const file = join(mkdtempSync(join(tmpdir(), 'cfn-lint-')), 'rotation.template.json');
  writeFileSync(file, JSON.stringify(Template.fromStack(stackIn(appWithoutBundles())).toJSON()));
  const { stdout } = await run(CFN_LINT, [
    '--format',
    'parseable',
    '--regions',
    'us-east-1',
    '--ignore-checks',
    ...IGNORED,
    '--template',
    file,
  ]).catch((error: unknown) => error as { stdout: string });
  expect(stdout).toBe('');
});
