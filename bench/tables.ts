import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../local/project.ts';

/**
 * Writes each text between `<!-- bench:NAME -->` and `<!-- end of bench:NAME -->` of a page. The
 * rest of the page stays.
 *
 * @throws Error if the page has no such block.
 */
export function writeBlocks(page: string, blocks: Readonly<Record<string, string>>): void {
  const file = join(PROJECT, page);
  writeFileSync(file, withBlocks(readFileSync(file, 'utf8'), blocks));
}

/** See {@link writeBlocks}. */
export function withBlocks(page: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce((text, [name, content]) => {
    const block = new RegExp(`(<!-- bench:${name} -->\n)[\\s\\S]*?(<!-- end of bench:${name} -->)`);
    if (!block.test(text)) {
      throw new Error(`The page has no block <!-- bench:${name} --> … <!-- end of bench:${name} -->.`);
    }
    return text.replace(block, (_, begin: string, end: string) => `${begin}\n${content}\n\n${end}`);
  }, page);
}

/** A Markdown table. */
export function table(heads: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** `1,234`, `12.3`, `0.123`: three significant digits, or all digits of a larger whole number. */
export function digits(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 9 });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (lower === undefined || upper === undefined) {
    throw new Error('There is no median without a value.');
  }
  return (lower + upper) / 2;
}
