import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles a program of this folder with everything that the SDKs import, unlike the deployed
 * function.
 *
 * @returns the source of an ES module.
 */
export async function bundleProgram(entry: string): Promise<string> {
  const bundle = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'node24',
    minify: true,
    write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return bundle.outputFiles[0]?.text ?? '';
}
