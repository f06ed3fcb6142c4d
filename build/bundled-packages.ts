import { readdirSync, readFileSync } from 'node:fs';
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

/**
 * The licences of the packages whose code is in the bundles. The licences must be published
 * together with the code.
 *
 * @param files The files in the bundles, relative to the project.
 * @throws Error if a package names no licence.
 */
export function thirdPartyNotices(project: string, files: readonly string[]): string {
  return [
    'The functions in this folder contain code of the following packages.\n',
    ...bundledPackages(project, files).map((bundled) => notice(project, bundled)),
  ].join('\n');
}

function notice(project: string, { name, version, license, folder }: BundledPackage): string {
  const text = licenceText(join(project, folder));
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`;
}

function licenceText(folder: string): string {
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return texts.length > 0 ? texts.join('\n\n') : licenceSection(readFileSync(join(folder, 'README.md'), 'utf8'));
}

/** Some packages have their licence only in the README. */
function licenceSection(readme: string): string {
  const sections = readme.split(/^#+ */m);
  const section = sections.find((text) => /^licen[cs]e\s*\n/i.test(text)) ?? '';
  const [, ...lines] = section.split('\n');
  return lines.join('\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').trim();
}
