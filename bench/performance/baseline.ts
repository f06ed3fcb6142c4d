import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL, PROJECT } from '../../local/project.ts';

/** The commit that the targets compare with. */
export const BASELINE = '648522f';

/** Bundles the function with the code of this commit. The process prints the bundled files. */
const BUNDLE = `
import { bundleFunction } from './build/function-bundles.ts';
process.stdout.write(JSON.stringify(bundleFunction('rotation', process.env.BUNDLE_FOLDER)));
`;

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

/**
 * Bundles the function of {@link BASELINE} into `folder`. Its packages come from this checkout if
 * this checkout has the same versions of every package in the bundle. Otherwise npm installs them.
 *
 * @returns where the packages came from.
 */
export function bundleBaseline(folder: string): 'this checkout' | 'its own npm ci' {
  const checkout = join(LOCAL, `bench-${BASELINE}`);
  rmSync(checkout, { recursive: true, force: true });
  mkdirSync(checkout, { recursive: true });
  const archive = execFileSync('git', ['archive', BASELINE], { cwd: PROJECT, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', checkout], { input: archive });
  symlinkSync(join(PROJECT, 'node_modules'), join(checkout, 'node_modules'));
  const packages = new Set(bundle(checkout, folder).flatMap(packageOf));
  const [own, wanted] = [PROJECT, checkout].map(lockFileOf);
  const isSame = [...packages].every(
    (name) => own?.packages[name]?.integrity === wanted?.packages[name]?.integrity && wanted?.packages[name],
  );
  if (isSame) {
    return 'this checkout';
  }
  rmSync(join(checkout, 'node_modules'));
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: checkout, stdio: 'pipe' });
  bundle(checkout, folder);
  return 'its own npm ci';
}

function bundle(checkout: string, folder: string): string[] {
  const env = { ...process.env, BUNDLE_FOLDER: folder };
  const options = { cwd: checkout, env, encoding: 'utf8', stdio: 'pipe' } as const;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', BUNDLE], options)) as string[];
}

/** The key of the package in package-lock.json. */
function packageOf(file: string): string[] {
  const [key] = /node_modules\/(.*node_modules\/)?(@[^/]+\/)?[^/]+/.exec(file) ?? [];
  return key === undefined ? [] : [key];
}

function lockFileOf(project: string): LockFile {
  return JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as LockFile;
}
