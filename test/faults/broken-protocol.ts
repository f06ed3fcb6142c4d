import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Protocol } from './faults.ts';

const PROTOCOL = resolve(import.meta.dirname, '..', '..', 'protocol');

/** By source file of the protocol: texts, and what replaces each of them. */
export type SourceEdits = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The copy imports the ports from the product, so that their errors have the same classes. */
const PORTS = ['cluster/cluster.ts', 'secret/secret-store.ts'];

/**
 * Calls `use` with an edited copy of the protocol.
 *
 * @throws Error if a text does not occur exactly once.
 */
export async function withEditedProtocol(
  edits: SourceEdits,
  use: (protocol: Protocol) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'broken-protocol-'));
  try {
    cpSync(PROTOCOL, folder, { recursive: true });
    for (const [file, replacements] of Object.entries(edits)) {
      let source = readFileSync(join(folder, file), 'utf8');
      for (const [find, replace] of Object.entries(replacements)) {
        if (source.split(find).length !== 2) {
          throw new Error(`${file} holds the text ${source.split(find).length - 1} times instead of once: ${find}`);
        }
        source = source.replace(find, () => replace);
      }
      writeFileSync(join(folder, file), source);
    }
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) {
        const source = readFileSync(join(folder, file), 'utf8');
        writeFileSync(join(folder, file), withOriginalImports(source, pathToFileURL(join(PROTOCOL, file))));
      }
    }
    const edited = (await import(join(folder, 'rotation', 'rotation.ts'))) as { runStep: Protocol };
    await use(edited.runStep);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes imports of the ports, and of what is outside the protocol, absolute. */
function withOriginalImports(source: string, from: URL): string {
  const protocol = pathToFileURL(`${PROTOCOL}/`).href;
  return source.replaceAll(/from '(\.[^']+)'/g, (unchanged, specifier: string) => {
    const { href } = new URL(specifier, from);
    const isCopied = href.startsWith(protocol) && !PORTS.includes(href.slice(protocol.length));
    return isCopied ? unchanged : `from '${href}'`;
  });
}
