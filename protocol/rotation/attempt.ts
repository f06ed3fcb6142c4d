import type { UsableCredential } from '../credential/stored-credential.ts';
import type { SecretDescription } from '../secret/secret-store.ts';

/** What a step works on: the secret as its labels were when the step began. */
export interface RotatedSecret {
  readonly description: SecretDescription;
  /** The version that holds AWSCURRENT. */
  readonly currentId: string;
  /** The version that holds AWSPENDING. */
  readonly token: string;
}

/**
 * The versions that every step after createSecret compares. Both name the same endpoint, and the
 * strategy allows the users.
 */
export interface RotatedPair {
  readonly current: UsableCredential;
  readonly pending: UsableCredential;
}
