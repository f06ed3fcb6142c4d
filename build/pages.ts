import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..');

/** Text by the name of the block that gets it. */
type Blocks = Readonly<Record<string, string>>;

/** Writes each text between `<!-- NAME -->` and `<!-- end of NAME -->` of a page. */
export function writeBlocks(page: string, blocks: Blocks): void {
  const file = join(PROJECT, page);
  writeFileSync(file, withBlocks(readFileSync(file, 'utf8'), blocks));
}

/** See {@link writeBlocks}. @throws Error if the page has no such block. */
export function withBlocks(page: string, blocks: Blocks): string {
  return Object.entries(blocks).reduce((text, [name, content]) => {
    const block = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
    if (!block.test(text)) {
      throw new Error(`The page has no block <!-- ${name} --> … <!-- end of ${name} -->.`);
    }
    return text.replace(block, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
  }, page);
}

/** A Markdown table. */
export function table(heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const [head, ...body] = [heads, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [head, `|${'---|'.repeat(heads.length)}`, ...body].join('\n');
}
