import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionOfCode } from '../../../infra/function/function-code.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { newFolder, propertiesOf } from '../support/templates.ts';

describe('a synth on a machine whose files only their owner may read', () => {
  const umask = process.umask();
  const outdir = newFolder();
  let stack: Stack;

  beforeAll(() => {
    process.umask(0o077);
    const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
    stack = new Stack(app, 'Test');
    new RotationFunction(stack, 'RotationFunction');
  });

  afterAll(() => {
    process.umask(umask);
  });

  it('makes an asset that Lambda may read, and a description with the hash of its code', () => {
    const [file = ''] = globSync('asset.*/index.js', { cwd: outdir });
    expect((statSync(join(outdir, file)).mode & 0o777).toString(8)).toBe('644');
    const [{ Description } = {}] = propertiesOf(Template.fromStack(stack), 'AWS::Lambda::Function');
    expect(Description).toContain(` ${versionOfCode(readFileSync(join(outdir, file)))})`);
  });
});
