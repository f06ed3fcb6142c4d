import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { newFolder } from '../support/templates.ts';

describe('a synth on a machine whose files only their owner may read', () => {
  const umask = process.umask();
  const outdir = newFolder();

  beforeAll(() => {
    process.umask(0o077);
    const app = new App({ outdir, analyticsReporting: false });
    new RotationFunction(new Stack(app, 'Test'), 'RotationFunction');
  });

  afterAll(() => {
    process.umask(umask);
  });

  it('makes an asset that Lambda may read', () => {
    const [file = ''] = globSync('asset.*/index.js', { cwd: outdir });
    expect((statSync(join(outdir, file)).mode & 0o777).toString(8)).toBe('644');
  });
});
