/** The most names that a sentence lists. */
const NAMED_AT_MOST = 5;

/** At most {@link NAMED_AT_MOST} texts, and the number of the others. */
export function truncatedList(texts: readonly string[], separator: string): string {
  const others = texts.length - NAMED_AT_MOST;
  return `${texts.slice(0, NAMED_AT_MOST).join(separator)}${others > 0 ? ` and ${others} others` : ''}`;
}
