import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An npm package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** The licence in the manifest, as an SPDX expression. */
  readonly license: string;
  /** Relative to the project. */
  readonly folder: string;
}

/**
 * The packages of these files, by name.
 *
 * @param files The files in the bundles, relative to the project.
 * @throws Error if a package names no licence.
 */
export function bundledPackages(project: string, files: readonly string[]): BundledPackage[] {
  const folders = new Set(files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  return [...folders]
    .map((folder) => {
      const manifest = readFileSync(join(project, folder, 'package.json'), 'utf8');
      const { name, version, license } = JSON.parse(manifest) as BundledPackage;
      if (typeof license !== 'string') {
        throw new Error(`${name} ${version} is in a bundle and names no licence. Find the licence before you publish.`);
      }
      return { name, version, license, folder };
    })
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function key({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}
