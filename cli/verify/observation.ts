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

type Fact = boolean | readonly [seen: string | number, assumed: string | number];

/** Holds if each fact is as assumed. @param facts by name. A boolean is assumed to be true */
export function compare(facts: Readonly<Record<string, Fact>>): Observation {
  const entries = Object.entries(facts);
  return holdsIf(
    entries.every(([, fact]) => (typeof fact === 'boolean' ? fact : fact[0] === fact[1])),
    entries.map(([name, fact]) => `${name}: ${typeof fact === 'boolean' ? fact : fact[0]}`).join('; '),
  );
}

/** Something prevents a check. The message names no secret, host or account. */
export class UndecidedError extends Error {
  override readonly name = 'UndecidedError' as const;
}

/** @throws UndecidedError */
export function given<T>(needed: T | undefined, reason = 'An earlier check failed to do what this check needs.'): T {
  if (needed === undefined) {
    throw new UndecidedError(reason);
  }
  return needed;
}
