import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, posix, resolve } from 'node:path';
import { build } from 'esbuild';
import { thirdPartyNotices } from './bundled-packages.ts';
import { commandSchemas } from './command-schemas.ts';
import { bundleFunction, FUNCTIONS, type FunctionName } from './function-bundle.ts';

/**
 * Builds the npm package in the working directory, a folder of packages/. `npm pack` and `npm
 * publish` run this program. dist/ gets the compiled modules, so users of the package need no
 * TypeScript. The other files of the package are copied from the root of the project.
 */
const project = resolve(import.meta.dirname, '..');
const folder = process.cwd();
const dist = join(folder, 'dist');

rmSync(dist, { recursive: true, force: true });
const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [compiler, '-p', folder], { stdio: 'inherit' });

const { type, files, version, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
  type: 'commonjs' | 'module';
  files: string[];
  version: string;
  repository: { url: string };
};
if (type === 'commonjs') {
  // tsc refuses import.meta in CommonJS, and the sources are ES modules. `require`, `import`, jest
  // and ts-node can load CommonJS.
  await build({
    entryPoints: globSync('**/*.js', { cwd: dist }).map((module) => join(dist, module)),
    outbase: dist,
    outdir: dist,
    allowOverwrite: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2024',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    logLevel: 'warning',
  });
}
// Applications need another introduction than CDK apps and operators.
const hasOwnReadme = basename(folder) === 'client';
const shared = hasOwnReadme ? ['LICENSE'] : ['LICENSE', 'README.md'];
const copied = [...shared, ...files.filter((file) => !/^!?dist\b/.test(file))];
for (const path of copied) {
  rmSync(join(folder, path), { recursive: true, force: true });
  cpSync(join(project, path), join(folder, path), { recursive: true });
}
const repositoryUrl = repository.url.replace(/^git\+(.*)\.git$/, '$1');
linkToRepository(folder, copied, `${repositoryUrl}/blob/v${version}`);

if (basename(folder) === 'constructs') {
  // infra/function/function-code.ts, once compiled, reads the bundles here. Users of the
  // constructs need no esbuild.
  const functions = join(dist, 'functions');
  const files: string[] = [];
  for (const fn of Object.keys(FUNCTIONS) as FunctionName[]) {
    files.push(...(await bundleFunction(fn, join(functions, fn))));
  }
  writeFileSync(join(functions, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(project, files));
}

if (basename(folder) === 'cli') {
  // For programs that read the documents of `--json`.
  const schemas = join(folder, 'docs', 'schemas');
  mkdirSync(schemas);
  for (const [name, schema] of Object.entries(commandSchemas())) {
    writeFileSync(join(schemas, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
  }
}

/**
 * Replaces the relative links of copied pages that lead out of the package. The pages of the
 * repository link to files that no package contains.
 *
 * @param folder of the package.
 * @param copied the files and folders that the package has at the same place as the repository.
 * @param address where the repository has the files of this version.
 */
function linkToRepository(folder: string, copied: readonly string[], address: string): void {
  const isPacked = (path: string): boolean => copied.some((root) => path === root || path.startsWith(`${root}/`));
  const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: folder }).map((page) => page.replaceAll('\\', '/'));
  for (const page of pages.filter(isPacked)) {
    const text = readFileSync(join(folder, page), 'utf8');
    const linked = text.replaceAll(/\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)/g, (link, path: string, anchor = '') => {
      const target = posix.join(posix.dirname(page), path);
      return isPacked(target) ? link : `](${address}/${target}${anchor})`;
    });
    writeFileSync(join(folder, page), linked);
  }
}
