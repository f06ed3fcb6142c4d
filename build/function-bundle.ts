import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { compiledProtobuf } from './compiled-protobuf.ts';
import { LEFT_OUT, leaveOut } from './left-out.ts';

const PROJECT = resolve(import.meta.dirname, '..');

export type FunctionName = 'rotation' | 'overdue' | 'restart';

/** The functions of the template of a release. A restart needs the CDK. */
export type ReleasedFunction = Exclude<FunctionName, 'restart'>;

/** The modules of the functions, relative to the project. */
export const FUNCTIONS: Readonly<Record<FunctionName, string>> = {
  rotation: 'lambda/handler.ts',
  overdue: 'lambda/overdue/handler.ts',
  restart: 'lambda/restart/handler.ts',
};

/** Files are relative to the project. */
export interface Bundle {
  /** A CommonJS module. */
  readonly code: string;
  /** The files whose code is in the bundle. */
  readonly files: readonly string[];
}

/**
 * Bundles a module with the options of the functions.
 *
 * - CommonJS without `import()`, because Node reads every export of a built-in module for an ES
 *   module and for `import()`. For `node:http`, this loads all of Node's `fetch`.
 * - With the AWS SDK, because Lambda updates the SDK of its runtime without notice.
 * - Without a source map, because a source map doubles the archive and slows a cold start. Error
 *   codes identify the place of a failure.
 *
 * @throws Error if esbuild warns, such as of an import that does not exist, or if a module that is
 *   left out is in another folder than node_modules of the project.
 */
export async function bundle(entry: string): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // The ES modules of the AWS SDK let esbuild leave out what nothing imports.
    mainFields: ['module', 'main'],
    target: 'node24',
    supported: { 'dynamic-import': false },
    // The plugins find modules by their path below the project, also if node_modules is a link.
    preserveSymlinks: true,
    minify: true,
    legalComments: 'none',
    plugins: [leaveOut, compiledProtobuf],
    metafile: true,
    write: false,
  });
  if (warnings.length > 0) {
    throw new Error(`esbuild warns: ${warnings.map(({ text }) => text).join(' ')}`);
  }
  const [output] = Object.values(metafile.outputs);
  const leftOut = new Set(
    LEFT_OUT.flatMap(({ folder, modules }) => modules.map((module) => `node_modules/${folder}/${module}`)),
  );
  const elsewhere = Object.keys(metafile.inputs).find(
    (file) => !leftOut.has(file) && leftOut.has(file.slice(file.lastIndexOf('node_modules/'))),
  );
  if (elsewhere !== undefined) {
    throw new Error(`The bundle would contain ${elsewhere}. Install the packages in ${PROJECT}/node_modules: npm ci`);
  }
  return {
    code: outputFiles[0]?.text ?? '',
    files: Object.entries(output?.inputs ?? {})
      .filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && !leftOut.has(file))
      .map(([file]) => file),
  };
}

/**
 * Writes the bundle of a function, `index.js`. The folder becomes the asset of the function.
 *
 * @returns The files whose code is in the bundle, relative to the project.
 */
export async function bundleFunction(fn: FunctionName, folder: string): Promise<readonly string[]> {
  const { code, files } = await bundle(FUNCTIONS[fn]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), code);
  return files;
}
