import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * The licences of the packages whose code is in the bundles. The licences must be published
 * together with the code.
 *
 * @param files The files in the bundles, relative to the project.
 * @throws Error if a package names no licence.
 */
export function thirdPartyNotices(project: string, files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const notices = new Map([...folders].map((folder) => notice(join(project, folder))));
  const sorted = [...notices].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    'The functions in this folder contain code of the following packages.\n',
    ...sorted.map(([title, text]) => `${'='.repeat(80)}\n${title}\n\n${text}\n`),
  ].join('\n');
}

function notice(folder: string): [title: string, text: string] {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (license === undefined && texts.length === 0) {
    throw new Error(`${name} ${version} is in a bundle and names no licence. Find the licence before you publish.`);
  }
  return [`${name} ${version}${license === undefined ? '' : ` (${license})`}`, texts.join('\n\n')];
}
