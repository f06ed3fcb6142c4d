/** The values of a cron field with names, lists, ranges and steps. `undefined` if invalid. */
export function valuesOf(
  field: string,
  low: number,
  high: number,
  names: readonly string[],
): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  const numberOf = (text: string): number => (names.includes(text) ? names.indexOf(text) + low : Number(text));
  for (const part of field.split(',')) {
    const match = /^(?:\*|([A-Z]{3}|\d{1,2})(?:-([A-Z]{3}|\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (!match) {
      return undefined;
    }
    const [, first, last, step] = match;
    const from = first === undefined ? low : numberOf(first);
    const to = last === undefined ? (first === undefined || step !== undefined ? high : from) : numberOf(last);
    const by = step === undefined ? 1 : Number(step);
    if (!(from >= low && to <= high && from <= to && by >= 1)) {
      return undefined;
    }
    for (let value = from; value <= to; value += by) {
      values.add(value);
    }
  }
  return values;
}
