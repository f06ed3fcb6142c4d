import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * Replaces the relative links of copied pages that lead out of the package. The pages of the
 * repository link to files that no package contains.
 *
 * @param folder of the package.
 * @param copied the files and folders that the package has at the same place as the repository.
 * @param address where the repository has the files of this version.
 */
export function linkToRepository(folder: string, copied: readonly string[], address: string): void {
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
