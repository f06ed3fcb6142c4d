import type { Row } from './json-schema.ts';

/**
 * What a check has seen. `seen` has codes, numbers and times, and no name or text of a service.
 * Another run may decide what is `undecided`.
 */
export type Observation = Readonly<Pick<Row, 'verdict' | 'seen'>>;

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
