import type { StoredCredential } from '../source/stored-credential.ts';
import type { CredentialKeeper } from './credential-keeper.ts';
import { type CredentialReader, READ_TIMEOUT_MS } from './credential-reader.ts';
import type { Interruption } from './interruption.ts';
import { waitUntil } from './wait.ts';

/**
 * Searches the version that the cluster accepts, once for all refused requests. A round reads
 * AWSCURRENT, AWSPENDING and AWSCURRENT, and ends at the first version that has not been refused.
 */
export class VersionSearch {
  readonly #keeper: CredentialKeeper;
  readonly #reader: CredentialReader;
  readonly #minimumIntervalMs: number;
  readonly #closing: AbortSignal;
  #running: Promise<boolean> | undefined;
  #nextRoundAt = 0;

  constructor(keeper: CredentialKeeper, reader: CredentialReader, minimumIntervalMs: number, closing: AbortSignal) {
    this.#keeper = keeper;
    this.#reader = reader;
    this.#minimumIntervalMs = minimumIntervalMs;
    this.#closing = closing;
  }

  /**
   * The credential to use after a refusal. It is the refused credential itself if the cluster has
   * accepted it in another request since, or if a whole interval has brought no other version.
   *
   * @param signal Ends the wait, not the search.
   * @returns undefined if the refusal is final: after the budget, after the signal, after close.
   */
  async replacementFor(refused: StoredCredential, signal: AbortSignal): Promise<StoredCredential | undefined> {
    const { interruption } = this.#keeper;
    if (refused.versionId === this.#keeper.current.versionId && interruption !== undefined) {
      this.#running ??= this.#search(interruption).finally(() => {
        this.#running = undefined;
      });
      const goOn = await waitUntil(this.#running, signal);
      if (goOn !== true) {
        return undefined;
      }
    }
    return signal.aborted || this.#closing.aborted ? undefined : this.#keeper.current;
  }

  /** @returns false if the refused requests must not wait any longer. */
  async #search(interruption: Interruption): Promise<boolean> {
    // After the budget, a refused request may still read one round, with its own time limit. It
    // reads nothing if the minimum interval since the last round has not passed.
    const limitMs = Math.ceil(interruption.remainingMs) || READ_TIMEOUT_MS;
    const limit = AbortSignal.any([this.#closing, AbortSignal.timeout(limitMs)]);
    do {
      if (interruption.startsRound && !(await this.#waitForRound(interruption))) {
        return false;
      }
      if (await this.#finishRound(interruption, limit)) {
        return true;
      }
      if (limit.aborted || interruption.remainingMs === 0) {
        return false;
      }
      interruption.fruitlessRounds += 1;
    } while (interruption.fruitlessRounds < 2 && this.#keeper.interruption === interruption);
    return true;
  }

  async #waitForRound(interruption: Interruption): Promise<boolean> {
    const at = this.#nextRoundAt;
    if (at > performance.now()) {
      if (at > interruption.until) {
        return false;
      }
      await waitUntil(at, this.#closing);
    }
    this.#nextRoundAt = performance.now() + this.#minimumIntervalMs * (1 + Math.random() / 2);
    return !this.#closing.aborted;
  }

  /** @returns whether a version is in use that this interruption has not refused. */
  async #finishRound(interruption: Interruption, limit: AbortSignal): Promise<boolean> {
    let latest: StoredCredential | undefined;
    for (const stage of interruption.stages()) {
      const found = await this.#reader.read(stage, this.#keeper.current, limit);
      if (found !== undefined && !interruption.hasRefused(found.versionId)) {
        this.#keeper.adopt(found, stage, 'refusal');
        return true;
      }
      latest = stage === 'AWSCURRENT' && found !== undefined ? found : latest;
      if (limit.aborted) {
        interruption.endRound();
        break;
      }
    }
    // Every version was refused. Later requests start from AWSCURRENT, which a retry would use.
    if (latest !== undefined && latest.versionId !== this.#keeper.current.versionId) {
      this.#keeper.adopt(latest, 'AWSCURRENT', 'refusal');
    }
    return false;
  }
}
