import { lstatSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Empties the files in a folder that match a pattern, to save disk. Some packages look for the
 * names of such files, so the files stay.
 *
 * @param patterns Match a path with `/`, relative to the folder.
 */
export function emptyFiles(folder, patterns) {
  for (const file of readdirSync(folder, { recursive: true })) {
    const path = file.replaceAll('\\', '/');
    if (patterns.some((pattern) => pattern.test(path)) && lstatSync(join(folder, file)).isFile()) {
      truncateSync(join(folder, file));
    }
  }
}
