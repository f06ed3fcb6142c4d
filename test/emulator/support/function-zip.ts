import { resolve } from 'node:path';
import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';

/** A function of this folder as Lambda takes it, with `index.handler`. */
export async function functionZip(file: 'rotation-function.ts' | 'probe-function.ts'): Promise<Uint8Array> {
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
