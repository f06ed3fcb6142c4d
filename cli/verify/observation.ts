/**
 * - `undecided`: the check was asked for, and something prevented it. Another run may decide it.
 * - `not checked`: the check was not asked for, or there is none.
 */
export type Verdict = 'holds' | 'differs' | 'undecided' | 'not checked';

/** What a check has seen. `seen` has codes, numbers and times, and no name or text of a service. */
export interface Observation {
  readonly verdict: Verdict;
  readonly seen: string;
}

export function holdsIf(isTrue: boolean, seen: string): Observation {
  return { verdict: isTrue ? 'holds' : 'differs', seen };
}

type Fact = string | number | boolean;

/** Holds if each fact is as assumed. @param facts by name: what was seen, and what is assumed */
export function compare(facts: Readonly<Record<string, readonly [seen: Fact, assumed: Fact]>>): Observation {
  const entries = Object.entries(facts);
  return holdsIf(
    entries.every(([, [seen, assumed]]) => seen === assumed),
    entries.map(([name, [seen]]) => `${name}: ${seen}`).join('; '),
  );
}

/** Something prevents a check. The message names no secret, host or account. */
export class UndecidedError extends Error {
  override readonly name = 'UndecidedError' as const;
}

/** @throws UndecidedError */
export function given<T>(needed: T | undefined, reason = 'The check lacks what it needs.'): T {
  if (needed === undefined) {
    throw new UndecidedError(reason);
  }
  return needed;
}
