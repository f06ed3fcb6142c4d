import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Protocol } from './scenarios.ts';

const PROTOCOL = resolve(import.meta.dirname, '..', '..', 'lambda', 'rotation');

/** A text of the protocol's source, and what it is replaced by. */
export interface Breakage {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * The protocol with some lines of its source changed, as a careless edit would. The rest of the product stays the
 * original, so that errors keep their classes.
 *
 * @throws Error when a text is not there exactly once: the breakage then tests nothing any more.
 */
export async function withBroken(
  breakages: readonly Breakage[],
  use: (protocol: Protocol) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'broken-protocol-'));
  try {
    cpSync(PROTOCOL, folder, { recursive: true });
    for (const { file, find, replace } of breakages) {
      const source = readFileSync(join(folder, file), 'utf8');
      if (source.split(find).length !== 2) {
        throw new Error(`${file} holds the text to be broken ${source.split(find).length - 1} times: ${find}`);
      }
      writeFileSync(
        join(folder, file),
        source.replace(find, () => replace),
      );
    }
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) {
        const source = readFileSync(join(folder, file), 'utf8');
        writeFileSync(join(folder, file), withOriginalImports(source, pathToFileURL(join(PROTOCOL, file))));
      }
    }
    const broken = (await import(join(folder, 'rotation.ts'))) as { rotate: Protocol };
    await use(broken.rotate);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Imports from outside the protocol keep their original modules, so that errors keep their classes. */
function withOriginalImports(source: string, from: URL): string {
  const protocol = pathToFileURL(`${PROTOCOL}/`).href;
  return source.replaceAll(/from '(\.[^']+)'/g, (unchanged, specifier: string) => {
    const { href } = new URL(specifier, from);
    return href.startsWith(protocol) ? unchanged : `from '${href}'`;
  });
}
