import type { VersionedCredential } from './credential.ts';
import type { Journal } from './credential-events.ts';
import type { Stage } from './credential-source.ts';

/** The time from a refusal of the credential in use to an accepted call. */
export interface Interruption {
  /** A time of `performance.now()`. */
  readonly startedAt: number;
  /** How often the versions have been read. */
  rounds: number;
  isOverBudget: boolean;
}

/** The credential in use, and what the cluster has said about it. */
export class CredentialInUse {
  readonly #journal: Journal;
  #current: VersionedCredential;
  #interruption: Interruption | undefined;
  /**
   * The versions that were refused since the last interruption began, and not accepted since, with
   * the number of the refusal.
   */
  readonly #refusals = new Map<string, number>();
  #lastNumber = 0;

  constructor(first: VersionedCredential, journal: Journal) {
    this.#current = first;
    this.#journal = journal;
  }

  get current(): VersionedCredential {
    return this.#current;
  }

  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /** Attempts, answers and rounds are numbered together, so that their order is known. */
  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Whether the cluster has refused the version and has not accepted it since. */
  hasRefused(versionId: string): boolean {
    return this.#refusals.has(versionId);
  }

  replace(credential: VersionedCredential, stage: Stage, cause: 'refusal' | 'background'): void {
    const { versionId } = credential;
    if (versionId !== this.#current.versionId) {
      this.#current = credential;
      this.#journal.record({ type: 'refreshed', versionId, stage, cause });
    }
  }

  /** Returns the number of the refusal. */
  refused(versionId: string): number {
    this.#journal.countRefusal();
    const number = this.nextNumber();
    // A refusal of an older version says nothing about the version in use.
    if (this.#interruption === undefined && versionId === this.#current.versionId) {
      this.#refusals.clear();
      this.#interruption = { startedAt: performance.now(), rounds: 0, isOverBudget: false };
      this.#journal.record({ type: 'interrupted', versionId });
    }
    this.#refusals.set(versionId, number);
    return number;
  }

  accepted(versionId: string, attempt: number): void {
    // Answers overtake each other: a later refusal of the same version counts.
    if (versionId !== this.#current.versionId || attempt < (this.#refusals.get(versionId) ?? 0)) {
      return;
    }
    this.#refusals.delete(versionId);
    if (this.#interruption !== undefined) {
      const durationMs = performance.now() - this.#interruption.startedAt;
      this.#interruption = undefined;
      this.#journal.record({ type: 'recovered', versionId, durationMs });
    }
  }

  /** A refused call fails, because its budget has ended. */
  budgetEnded(refusedAt: number): void {
    const { startedAt, isOverBudget } = this.#interruption ?? { startedAt: refusedAt, isOverBudget: false };
    if (this.#interruption !== undefined) {
      this.#interruption.isOverBudget = true;
    }
    if (!isOverBudget) {
      const durationMs = performance.now() - startedAt;
      this.#journal.record({ type: 'budget-ended', versionId: this.#current.versionId, durationMs });
    }
  }
}
