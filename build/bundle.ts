import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, FUNCTIONS, type FunctionName } from './function-bundle.ts';

/**
 * `node build/bundle.ts rotation` writes the bundle of a function to stdout. The constructs run
 * this program, because a construct cannot wait for esbuild. FUNCTION_BUNDLES is a folder of
 * finished bundles, for the tests that deploy dozens of stacks with the same code.
 */
const [, , fn = ''] = process.argv;
if (!(fn in FUNCTIONS)) {
  throw new Error(`Give a function: ${Object.keys(FUNCTIONS).join(' or ')}.`);
}
const { FUNCTION_BUNDLES: finished } = process.env;
process.stdout.write(
  finished === undefined
    ? (await bundle(FUNCTIONS[fn as FunctionName])).code
    : readFileSync(join(finished, fn, 'index.js')),
);
