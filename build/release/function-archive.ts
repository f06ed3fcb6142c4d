import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { versionOfCode } from '../../infra/function/function-code.ts';
import { type BundledPackage, bundledPackages, thirdPartyNotices } from '../bundled-packages.ts';
import { type Bundle, bundle, FUNCTIONS, type FunctionName } from '../function-bundle.ts';

/** The code of a function, as Lambda takes it. */
export interface FunctionArchive {
  /** A name with the version of the code, so that no other code has the same object key. */
  readonly file: string;
  readonly zip: Uint8Array;
  /** The packages whose code is in the archive. */
  readonly packages: readonly BundledPackage[];
}

/** The first date that the format of zip can name. */
const MODIFIED = new Date(1980, 0, 1);
const UNIX = 3;
/** A regular file that everybody may read, because Lambda reads it as another user. */
const MODE = 0o100644;

/** The zip holds the bundle that `cdk deploy` deploys, its licence and those of its packages. */
export async function functionArchive(project: string, fn: FunctionName): Promise<FunctionArchive> {
  const { code, files }: Bundle = await bundle(FUNCTIONS[fn]);
  return {
    file: `${fn}-function-${versionOfCode(code).replace('+', '-')}.zip`,
    zip: reproducibleZip({
      'index.js': code,
      LICENSE: readFileSync(join(project, 'LICENSE'), 'utf8'),
      'THIRD-PARTY-NOTICES.txt': thirdPartyNotices(project, files),
    }),
    packages: bundledPackages(project, files),
  };
}

/** The bytes depend on the names and texts only: not on times, modes or the order of the files. */
export function reproducibleZip(texts: Readonly<Record<string, string>>): Uint8Array {
  const entries: Zippable = {};
  for (const [name, text] of Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries[name] = [new TextEncoder().encode(text), { level: 9, mtime: MODIFIED, os: UNIX, attrs: MODE << 16 }];
  }
  return zipSync(entries);
}
