import { bundle, FUNCTIONS, type FunctionName } from './function-bundle.ts';

/**
 * `node build/bundle.ts rotation` writes the bundle of a function to stdout. The constructs run
 * this program, because a construct cannot wait for esbuild.
 */
const [, , fn = ''] = process.argv;
if (!(fn in FUNCTIONS)) {
  throw new Error(`Give a function: ${Object.keys(FUNCTIONS).join(' or ')}.`);
}
const { code } = await bundle(FUNCTIONS[fn as FunctionName]);
process.stdout.write(code);
