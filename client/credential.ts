import { inspect } from 'node:util';
import { credentialKeys } from '../protocol/secret/credential-form.ts';
import { parseDocument } from '../protocol/secret/document.ts';

/** What an application needs to connect to its cluster. */
export interface Credential {
  /** The endpoint as stored: `https://host[:port]`. Absent if the secret names no endpoint. */
  readonly endpoint?: string | undefined;
  /** Absent if the secret holds an API key. */
  readonly username?: string | undefined;
  /** Absent if the secret holds an API key. */
  readonly password?: string | undefined;
  /** `username:password` or the API key. Milvus and Zilliz Cloud accept each as a token. */
  readonly token: string;
}

/**
 * Reads the credential from the value of a secret: JSON with `username` and `password`, JSON with
 * `apiKeyId` and `apiKey`, or the plain string `username:password`.
 *
 * @param secretString The `SecretString` that GetSecretValue returns.
 * @throws DocumentError if the value is not a credential. The message names the wrong key and
 * never quotes the value.
 */
export function readCredential(secretString: string): Credential {
  const document = parseDocument(secretString);
  const { endpoint } = document;
  // Applications need the token, and no id.
  const { apiKeyId, apiKey, ...credential } = credentialKeys(document);
  return { ...(endpoint !== undefined && { endpoint }), ...credential };
}

/**
 * The credential in one version of a secret. `util.inspect` and `JSON.stringify` show the id of
 * the version only.
 */
export class VersionedCredential implements Credential {
  readonly versionId: string;
  readonly #credential: Credential;

  /** @throws DocumentError if the value is not a credential. */
  constructor(versionId: string, secretString: string) {
    this.versionId = versionId;
    this.#credential = readCredential(secretString);
  }

  get endpoint(): string | undefined {
    return this.#credential.endpoint;
  }

  get username(): string | undefined {
    return this.#credential.username;
  }

  get password(): string | undefined {
    return this.#credential.password;
  }

  get token(): string {
    return this.#credential.token;
  }
}

// With showHidden and getters, util.inspect would call the getters.
Object.defineProperty(VersionedCredential.prototype, inspect.custom, {
  value(this: VersionedCredential) {
    return `VersionedCredential { versionId: '${this.versionId}' }`;
  },
});
