import { bundleFunction, FUNCTIONS, type FunctionName } from './function-bundle.ts';

/**
 * `node build/bundle.ts rotation FOLDER` writes the bundle of a function. The constructs run this
 * program, because a construct cannot wait for esbuild.
 */
const [fn = '', folder] = process.argv.slice(2);
if (!(fn in FUNCTIONS) || folder === undefined) {
  throw new Error(`Give a function (${Object.keys(FUNCTIONS).join(' or ')}) and a folder.`);
}
await bundleFunction(fn as FunctionName, folder);
