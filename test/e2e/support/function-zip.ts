import { strToU8, zipSync } from 'fflate';
import { bundleProgram } from '../../../local/cloud/lambda-function.ts';

let program: Promise<string> | undefined;

/** The ZIP file of the function of probe-function.ts. The handler is `index.handler`. */
export async function probeZip(): Promise<Uint8Array> {
  program ??= bundleProgram('test/e2e/support/probe-function.ts');
  return zipSync({ 'index.mjs': strToU8(await program) });
}
