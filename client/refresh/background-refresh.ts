import type { CredentialKeeper } from './credential-keeper.ts';
import type { CredentialReader } from './credential-reader.ts';

/**
 * Reads AWSCURRENT again and again, so that the client has the latest credential before the next
 * rotation ends an older one.
 */
export class BackgroundRefresh {
  readonly #keeper: CredentialKeeper;
  readonly #reader: CredentialReader;
  readonly #intervalMs: number;
  readonly #closing: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(keeper: CredentialKeeper, reader: CredentialReader, intervalMs: number, closing: AbortSignal) {
    this.#keeper = keeper;
    this.#reader = reader;
    this.#intervalMs = intervalMs;
    this.#closing = closing;
    closing.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  /** Plans the next read. The timer does not keep the process alive. */
  async plan(): Promise<void> {
    const delayMs = await this.#reader.backgroundDelayMs(this.#intervalMs);
    if (!this.#closing.aborted) {
      this.#timer = setTimeout(() => void this.#refresh(), delayMs).unref();
    }
  }

  async #refresh(): Promise<void> {
    // During an interruption, the search for the next version reads the secret.
    if (this.#keeper.interruption === undefined) {
      const { current } = this.#keeper;
      const found = await this.#reader.read('AWSCURRENT', current);
      // A cancelled rotation leaves a refused version as AWSCURRENT.
      const usable =
        found !== undefined && found.versionId !== current.versionId && !this.#keeper.hasRefused(found.versionId);
      if (usable && this.#keeper.current === current) {
        this.#keeper.adopt(found, 'AWSCURRENT', 'background');
      }
    }
    await this.plan();
  }
}
