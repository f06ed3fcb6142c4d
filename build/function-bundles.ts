import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { functionCode } from '../infra/function/function-code.ts';

const METAFILE = 'index.meta.json';

/**
 * Bundles a function by the construct that bundles it in the repository, so that no option of esbuild is said twice and
 * the package brings what `cdk deploy` of a clone deploys.
 *
 * @param folder Becomes the function's asset: `index.mjs`.
 * @returns The files that went into the bundle, relative to the project.
 */
export function bundleFunction(fn: 'rotation' | 'overdue', folder: string): string[] {
  const assembly = mkdtempSync(join(tmpdir(), 'function-bundle-'));
  try {
    const app = new App({ outdir: assembly });
    const { bundling, ...code } = functionCode(fn);
    new NodejsFunction(new Stack(app, 'Bundle'), 'Function', {
      ...code,
      bundling: { ...bundling, metafile: true },
      runtime: Runtime.NODEJS_24_X,
    });
    const asset = readdirSync(assembly).find((entry) => entry.startsWith('asset.'));
    if (asset === undefined) {
      throw new Error(`The CDK made no asset of the function ${fn}. Is esbuild installed? Run: npm run setup`);
    }
    const { inputs } = JSON.parse(readFileSync(join(assembly, asset, METAFILE), 'utf8')) as { inputs: object };
    cpSync(join(assembly, asset, 'index.mjs'), join(folder, 'index.mjs'));
    return Object.keys(inputs);
  } finally {
    rmSync(assembly, { recursive: true });
  }
}
