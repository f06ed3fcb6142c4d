import type { Stage } from '../source/secret-source.ts';
import type { StoredCredential } from '../source/stored-credential.ts';
import { Interruption } from './interruption.ts';
import type { Journal } from './journal.ts';

/** The most refused versions that the keeper remembers. */
const REMEMBERED_REFUSALS = 10;

/**
 * The credential in use, and what the cluster has said about it. Each request has a number and
 * reports with it whether the cluster refused or accepted it, because answers overtake each other.
 */
export class CredentialKeeper {
  readonly #journal: Journal;
  readonly #budgetMs: number;
  #current: StoredCredential;
  #interruption: Interruption | undefined;
  #lastOrder = 0;
  #refused: readonly string[] = [];

  constructor(first: StoredCredential, budgetMs: number, journal: Journal) {
    this.#current = first;
    this.#budgetMs = budgetMs;
    this.#journal = journal;
  }

  get current(): StoredCredential {
    return this.#current;
  }

  /** The interruption that runs: from a refusal of the credential to an accepted request. */
  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /** The next number. Requests and refusals share one counter, so their order is known. */
  nextOrder(): number {
    this.#lastOrder += 1;
    return this.#lastOrder;
  }

  adopt(credential: StoredCredential, stage: Stage, cause: 'refusal' | 'background'): void {
    this.#current = credential;
    this.#journal.record({ type: 'refreshed', versionId: credential.versionId, stage, cause });
  }

  markRefused({ versionId }: StoredCredential): void {
    this.#journal.countRefusal();
    // A request with an older version was refused. This says nothing about the version in use.
    if (versionId !== this.#current.versionId) {
      return;
    }
    if (this.#interruption === undefined) {
      this.#interruption = new Interruption(this.#budgetMs);
      this.#journal.record({ type: 'interrupted', versionId });
    }
    this.#interruption.refuse(versionId, this.nextOrder());
    this.#refused = [...this.#refused.filter((id) => id !== versionId), versionId].slice(-REMEMBERED_REFUSALS);
  }

  markAccepted({ versionId }: StoredCredential, order: number): void {
    const interruption = this.#interruption;
    if (interruption === undefined || order < interruption.lastRefusal || versionId !== this.#current.versionId) {
      return;
    }
    this.#interruption = undefined;
    this.#refused = this.#refused.filter((id) => id !== versionId);
    const durationMs = performance.now() - interruption.startedAt;
    this.#journal.record({ type: 'recovered', versionId, durationMs });
  }

  /** Whether the cluster has refused the version and has not accepted it since. */
  hasRefused(versionId: string): boolean {
    return this.#refused.includes(versionId);
  }
}
