import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import type { SentLabel } from '../../protocol/secret/versions.ts';

/** What the command says and does differently for each form of a credential. */
export interface FormOfCredential {
  /** What a version of this form holds. */
  readonly noun: string;
  /** How a question names the part that must not be shown. */
  readonly secretWord: 'password' | 'text';
  /** How a message names a credential whose user, or id, may not be printed. */
  readonly unnamed: string;
  /** How a message names a credential. */
  nameOf(username: string): string;
  /** Whether a stored name may be printed before the cluster has accepted the credential. */
  isPrintable(name: string): boolean;
  /** The name in a document of `--json`. */
  json(name: string | null): { readonly username: string | null; readonly apiKeyId: string | null };
  /**
   * The sent labels of replaced credentials that a rotation has yet to delete. `undefined`: a
   * rotation deletes no credential, and its logins decide which labels it may remove.
   */
  notDeleted(secret: SecretDescription): readonly SentLabel[] | undefined;
  /** The cluster rejects every tried credential. @param user the one in AWSCURRENT, with its host */
  rejected(user: string): string;
  /** @param isFirstValue whether the secret has only its first value */
  likelyCause(isFirstValue: boolean): string;
  /** The command for a person who has a valid credential. */
  howToStore(secretName: string): string;
  /** The command that makes a valid credential. */
  howToReplace(secretName: string): string;
}
