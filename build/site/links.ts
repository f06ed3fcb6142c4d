import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
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

/** @throws Error if a page of the built site has a link to nothing: a page, a file or an anchor. */
export function checkLinks(site: string, base: string): void {
  const pages = globSync('**/*.html', { cwd: site, exclude: ['404.html'] });
  const textOf = (page: string): string => readFileSync(join(site, page), 'utf8');
  const dead = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\b(?:href|src)="([^"]*)"/g)]
      .map(([, link = '']) => decodeURIComponent(link))
      .filter((link) => link.startsWith('#') || link.startsWith(base))
      .filter((link) => {
        const [path = '', anchor = ''] = link.split('#');
        const file = path === '' ? page : path.slice(base.length).replace(/(^|\/)$/, '$1index.html');
        return !existsSync(join(site, file)) || (anchor !== '' && !textOf(file).includes(` id="${anchor}"`));
      })
      .map((link) => `${page}: ${link}`),
  );
  if (pages.length === 0 || dead.length > 0) {
    throw new Error(`${pages.length} pages have dead links:\n${[...new Set(dead)].join('\n')}`);
  }
}
