import { readFileSync, statSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';

const project = resolve(import.meta.dirname, '..', '..');

const manifest = readFileSync(join(project, 'packages', 'constructs', 'package.json'), 'utf8');
export const REPOSITORY: string = (JSON.parse(manifest) as { homepage: string }).homepage.replace('#readme', '');

/** The anchor that GitHub gives to a heading: lower case, hyphens for spaces, no punctuation. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * Where a link of a page leads on the site. The site has the pages of docs/ only, so a link to
 * another file leads to the repository.
 *
 * @param page relative to docs/
 */
export function linkOnSite(page: string, link: string): string {
  if (/^(\w+:|#)/.test(link)) {
    return link;
  }
  const [path = '', anchor] = link.split('#');
  const target = posix.join('docs', posix.dirname(page), path);
  if (target.startsWith('docs/') && target.endsWith('.md')) {
    return `/${target.slice('docs/'.length)}${anchor === undefined ? '' : `#${anchor}`}`;
  }
  const kind = statSync(join(project, target)).isDirectory() ? 'tree' : 'blob';
  return `${REPOSITORY}/${kind}/main/${target}${anchor === undefined ? '' : `#${anchor}`}`;
}
