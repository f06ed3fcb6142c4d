import { lstatSync, readdirSync, realpathSync, truncateSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Empties the files in a folder that match a pattern, to save disk. Some packages look for the
 * names of such files, so the files stay. A link to a folder outside, such as that of a workspace,
 * is not followed.
 *
 * @param patterns Match a path with `/`, relative to the folder.
 */
export function emptyFiles(folder, patterns) {
  for (const file of readdirSync(folder, { recursive: true })) {
    const path = file.replaceAll('\\', '/');
    const target = join(folder, file);
    if (patterns.some((pattern) => pattern.test(path)) && lstatSync(target).isFile() && isInside(target, folder)) {
      truncateSync(target);
    }
  }
}

function isInside(path, folder) {
  return realpathSync(path) === join(realpathSync(folder), relative(folder, path));
}
