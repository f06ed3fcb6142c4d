import { inspect } from 'node:util';
import { type Credential, readCredential } from './credential.ts';

/**
 * The credential in one version of a secret. `util.inspect` and `JSON.stringify` show the id of
 * the version only.
 */
export class StoredCredential implements Credential {
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

  get username(): string {
    return this.#credential.username;
  }

  get password(): string {
    return this.#credential.password;
  }

  get token(): string {
    return this.#credential.token;
  }
}

// With showHidden and getters, util.inspect would call the getters.
Object.defineProperty(StoredCredential.prototype, inspect.custom, {
  value(this: StoredCredential) {
    return `StoredCredential { versionId: '${this.versionId}' }`;
  },
});
