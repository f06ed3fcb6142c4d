import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { declareCopiesCommand } from '../../protocol/secret/copies.ts';
import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import type { Failure } from '../outcome/failure.ts';
import type { Examination } from './examination.ts';
import { type Finding, failureOfFinding, problem } from './finding.ts';

/** @returns `undefined` if a rotation updates every place that repeats the credential */
export function staleCopiesFinding({ current, secret, strategy }: Examination): Finding | undefined {
  const places = current === undefined ? [] : stalePlaces(current, strategy.strategy.keepsCurrent);
  return places.length === 0
    ? undefined
    : problem('stale-copies', `AWSCURRENT ${describeStaleCopies(places)}`, howToDeclare(secret, places));
}

/** @param userChanges whether a rotation changes the user */
export function stalePlaces({ staleKeys, staleUserKeys }: UsableCredential, userChanges: boolean): readonly string[] {
  return [...new Set([...staleKeys, ...(userChanges ? staleUserKeys : [])])];
}

/** Refuses to store AWSCURRENT with another credential if some places would keep the old one. */
export function refusalOfStaleCopies(examination: Examination): Failure | undefined {
  const finding = staleCopiesFinding(examination);
  return finding && { ...failureOfFinding(finding), kind: 'refused' };
}

/** The end of a sentence about a version. */
export function describeStaleCopies(places: readonly string[]): string {
  return `repeats the credential in ${places.map((path) => `"${path}"`).join(', ')}, which neither a rotation nor a repair updates. An application that reads such a place would keep the old credential, so every rotation fails with CURRENT_INVALID.`;
}

/** How the owner says that the places are for this cluster. */
export function howToDeclare({ name, tags }: SecretDescription, places: readonly string[]): string {
  return `If the places are for this cluster, declare them with \`${declareCopiesCommand(name, tags, places)}\`. Otherwise move them to another secret.`;
}
