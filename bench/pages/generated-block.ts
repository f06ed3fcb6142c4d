/** The texts between the markers of a page, by the NAME in `<!-- bench:NAME -->`. */
export type Blocks = Readonly<Record<string, string>>;

/**
 * The page with each text between `<!-- bench:NAME -->` and `<!-- end of bench:NAME -->`. The rest
 * of the page is unchanged.
 *
 * @throws Error if the page has no such block.
 */
export function withBlocks(page: string, blocks: Blocks): string {
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
