import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './command.mjs';

/**
 * A part of the setup. Its folder has a marker, which tells what it was installed from.
 *
 * @param name The folder.
 * @param contents The texts and the content of the files from which it is installed.
 * @param program A file in it. @default the folder itself
 * @param isUsable Whether this machine can install and use it. Elsewhere, nothing is missing.
 */
export function part(name, { contents, program = '', isUsable = () => true, install }) {
  const marker = join(PROJECT, name, '.complete');
  const key = () =>
    contents()
      .reduce((sum, content) => sum.update(content), createHash('sha256'))
      .digest('hex');
  const isInstalled = () =>
    existsSync(join(PROJECT, name, program)) && existsSync(marker) && readFileSync(marker, 'utf8') === key();
  return {
    name,
    isComplete: () => isInstalled() || !isUsable(),
    install: async () => {
      rmSync(marker, { force: true });
      await install();
      writeFileSync(marker, key());
    },
  };
}
