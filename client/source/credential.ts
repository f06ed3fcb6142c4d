import { parseDocument, tokenOf } from '../../protocol/secret/document.ts';

/** What an application needs to connect to its cluster. */
export interface Credential {
  /** The endpoint as stored: `https://host[:port]`. Absent if the secret names no endpoint. */
  readonly endpoint?: string | undefined;
  readonly username: string;
  readonly password: string;
  /**
   * `username:password`, which Milvus and Zilliz Cloud accept instead of a user and a password.
   */
  readonly token: string;
}

/**
 * Reads the credential from the value of a secret: JSON with `username` and `password`, or the
 * plain string `username:password`.
 *
 * @param secretString The `SecretString` that GetSecretValue returns.
 * @throws DocumentError if the value is not a credential. The message names the wrong key and
 * never quotes the value.
 */
export function readCredential(secretString: string): Credential {
  const { endpoint, username, password } = parseDocument(secretString);
  return { ...(endpoint !== undefined && { endpoint }), username, password, token: tokenOf({ username, password }) };
}
