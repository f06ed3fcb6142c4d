/** A regular expression for the integers from `low` to `high`, both 0 or more. */
export function integerPattern(low: number, high: number): string {
  // Every integer with this number of digits, or fewer, is at most `high`.
  const digits = String(high + 1).length - 1;
  if (low <= 1 && digits > 1) {
    const short = low === 0 ? `[0-9]{1,${digits}}` : `[1-9][0-9]{0,${digits - 1}}`;
    return [short, ...alternatives(10 ** digits, high)].join('|');
  }
  return alternatives(low, high).join('|');
}

/** Patterns for the integers from `low` to `high`. One pattern matches one length only. */
function alternatives(low: number, high: number): string[] {
  if (low > high) {
    return [];
  }
  const longest = 10 ** String(low).length - 1;
  return [...ofEqualLength(String(low), String(Math.min(longest, high))), ...alternatives(longest + 1, high)];
}

/** @param low With as many digits as `high`. Leading zeros count. */
function ofEqualLength(low: string, high: string): string[] {
  const [first = '', last = ''] = [low[0], high[0]];
  const rest = low.length - 1;
  const [zeros, nines] = ['0'.repeat(rest), '9'.repeat(rest)];
  if (low.endsWith(zeros) && high.endsWith(nines)) {
    return [digitFrom(first, last) + anyDigits(rest)];
  }
  if (first === last) {
    return ofEqualLength(low.slice(1), high.slice(1)).map((pattern) => first + pattern);
  }
  return low.endsWith(zeros)
    ? [...ofEqualLength(low, `${Number(last) - 1}${nines}`), ...ofEqualLength(last + zeros, high)]
    : [...ofEqualLength(low, first + nines), ...ofEqualLength(`${Number(first) + 1}${zeros}`, high)];
}

function digitFrom(low: string, high: string): string {
  if (low === high) {
    return low;
  }
  return Number(high) - Number(low) === 1 ? `[${low}${high}]` : `[${low}-${high}]`;
}

function anyDigits(count: number): string {
  return count < 2 ? '[0-9]'.repeat(count) : `[0-9]{${count}}`;
}
