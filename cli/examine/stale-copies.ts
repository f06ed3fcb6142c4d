import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { STALE_COPIES_ADVICE } from '../../protocol/secret/password-copies.ts';
import type { Failure } from '../outcome/failure.ts';
import type { Examination } from './examine-secret.ts';
import { type Finding, failureOfFinding, problem } from './finding.ts';

/** @returns `undefined` if a rotation updates every copy of the password in AWSCURRENT */
export function staleCopiesFinding({ current }: Examination): Finding | undefined {
  const stale = current === undefined ? undefined : describeStaleKeys(current);
  return stale === undefined ? undefined : problem('stale-copies', `AWSCURRENT ${stale}`, `${STALE_COPIES_ADVICE}`);
}

/**
 * Refuses to store AWSCURRENT with another password if some of its keys repeat the password in a
 * form that the command cannot update. Those keys would keep the old password unnoticed.
 */
export function refusalOfStaleCopies(examination: Examination): Failure | undefined {
  const finding = staleCopiesFinding(examination);
  return finding && { ...failureOfFinding(finding), kind: 'refused' };
}

/** The end of a sentence about a version. @returns `undefined` if the version has no such key */
export function describeStaleKeys({ staleKeys }: UsableCredential): string | undefined {
  const keys = staleKeys.map((key) => `"${key}"`).join(', ');
  return staleKeys.length === 0
    ? undefined
    : `repeats the password in ${keys}, in a form that neither a rotation nor a repair updates. An application that reads this key would keep the old password, so every rotation fails with CURRENT_INVALID.`;
}
