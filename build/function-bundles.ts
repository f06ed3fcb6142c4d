import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { functionCode } from '../infra/function/function-code.ts';

const METAFILE = 'index.meta.json';

/**
 * Bundles a function with the construct that bundles it in a clone. So a user of the package
 * deploys the same bytes as `cdk deploy` of a clone, and the options of esbuild exist once.
 *
 * @param folder Gets the bundle, `index.mjs`. The folder becomes the asset of the function.
 * @returns The files in the bundle, relative to the project.
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
      throw new Error(`The CDK made no asset for the function ${fn}. Install esbuild: npm run setup`);
    }
    const { inputs } = JSON.parse(readFileSync(join(assembly, asset, METAFILE), 'utf8')) as { inputs: object };
    cpSync(join(assembly, asset, 'index.mjs'), join(folder, 'index.mjs'));
    return Object.keys(inputs);
  } finally {
    rmSync(assembly, { recursive: true });
  }
}
