import { changesUser, type Strategy } from '../../protocol/rotation/strategies/strategy.ts';
import { howToDeclareCopies } from '../../protocol/secret/copies.ts';
import type { Pins } from '../../protocol/secret/rotated-secrets.ts';
import type { Examination } from './examination.ts';
import { endWithFinding, type Finding, problem } from './finding.ts';

type CheckedValue = Pick<Examination, 'current' | 'secret'> & { readonly strategy: Strategy & { readonly pins: Pins } };

/** @returns `undefined` if a rotation updates every place that repeats the credential */
export function staleCopiesFinding({ current, secret, strategy }: CheckedValue): Finding | undefined {
  const places = current?.staleCopies({ changesUser: changesUser(strategy, strategy.pins, current.credentials) }) ?? [];
  return places.length === 0
    ? undefined
    : problem('stale-copies', `AWSCURRENT ${describeStaleCopies(places)}`, howToDeclareCopies(secret, places));
}

/**
 * Refuses to store AWSCURRENT with another credential if some places would keep the old one.
 *
 * @throws FailureError
 */
export function requireNoStaleCopies(value: CheckedValue): void {
  const finding = staleCopiesFinding(value);
  if (finding !== undefined) {
    endWithFinding(finding, 'refused');
  }
}

/** The end of a sentence about a version. */
export function describeStaleCopies(places: readonly string[]): string {
  return `repeats the credential in ${places.map((path) => `"${path}"`).join(', ')}, which neither a rotation nor a repair updates. An application that reads such a place would keep the old credential, so every rotation fails with CURRENT_INVALID.`;
}
