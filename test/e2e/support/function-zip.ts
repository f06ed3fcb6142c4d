import { resolve } from 'node:path';
import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';

/** The ZIP file of a function in this folder. The handler is `index.handler`. */
export async function functionZip(file: `${'rotation' | 'probe'}-function.ts`): Promise<Uint8Array> {
  const bundle = await build({
    entryPoints: [resolve(import.meta.dirname, file)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    write: false,
  });
  return zipSync({ 'index.js': strToU8(bundle.outputFiles[0]?.text ?? '') });
}
