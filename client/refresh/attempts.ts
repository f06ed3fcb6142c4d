import type { StoredCredential } from '../source/stored-credential.ts';
import type { CredentialKeeper } from './credential-keeper.ts';
import type { VersionSearch } from './version-search.ts';

/**
 * How often a request is sent with one version. The second time follows an interval without
 * another version, because proxies of a cluster can learn late of a change.
 */
const TIMES_AT_MOST = 2;

const NEVER = new AbortController().signal;

/** One request and its repetitions. */
export class Attempts {
  readonly #keeper: CredentialKeeper;
  readonly #search: VersionSearch;
  readonly #times = new Map<string, number>();
  #order = 0;
  #credential: StoredCredential;

  constructor(keeper: CredentialKeeper, search: VersionSearch) {
    this.#keeper = keeper;
    this.#search = search;
    this.#credential = this.#begin(keeper.current);
  }

  /** The credential for the attempt that runs. */
  get credential(): StoredCredential {
    return this.#credential;
  }

  /** The cluster has accepted the credential. */
  accepted(): void {
    this.#keeper.markAccepted(this.#credential, this.#order);
  }

  /**
   * The cluster has refused the credential.
   *
   * @param signal Ends the wait.
   * @returns the credential for the next attempt. undefined if the refusal is final.
   */
  async refused(signal: AbortSignal = NEVER): Promise<StoredCredential | undefined> {
    this.#keeper.markRefused(this.#credential);
    let last = this.#credential;
    for (;;) {
      const next = await this.#search.replacementFor(last, signal);
      if (next !== undefined && this.#timesOf(next) < TIMES_AT_MOST) {
        this.#credential = this.#begin(next);
        return next;
      }
      // If no interruption runs, no search runs, so there is nothing to wait for.
      if (next === undefined || this.#keeper.interruption === undefined) {
        return undefined;
      }
      last = next;
    }
  }

  #begin(credential: StoredCredential): StoredCredential {
    this.#order = this.#keeper.nextOrder();
    this.#times.set(credential.versionId, this.#timesOf(credential) + 1);
    return credential;
  }

  #timesOf({ versionId }: StoredCredential): number {
    return this.#times.get(versionId) ?? 0;
  }
}
