import type { VersionedCredential } from './credential.ts';
import type { Journal } from './credential-events.ts';
import type { Stage } from './credential-source.ts';

/** The credential in use, and what the cluster has said about it. */
export class CredentialInUse {
  /** Why the last round of this interruption found no version. */
  failure: Error | undefined;
  readonly #journal: Journal;
  #current: VersionedCredential;
  #interruptedAt: number | undefined;
  #isOverBudget = false;
  /** The versions that were refused since the last interruption began, with the time. */
  readonly #refusals = new Map<string, number>();

  constructor(first: VersionedCredential, journal: Journal) {
    this.#current = first;
    this.#journal = journal;
  }

  get current(): VersionedCredential {
    return this.#current;
  }

  /** When the cluster refused the credential in use, as a time of `performance.now()`. */
  get interruptedAt(): number | undefined {
    return this.#interruptedAt;
  }

  /** Whether the cluster has refused the version and has not accepted it since. */
  hasRefused(versionId: string): boolean {
    return this.#refusals.has(versionId);
  }

  /** A refusal of AWSPENDING may come before setSecret, and says nothing about AWSCURRENT. */
  forgetRefusal(versionId: string): void {
    this.#refusals.delete(versionId);
  }

  replace(credential: VersionedCredential, stage: Stage, cause: 'refusal' | 'background'): void {
    const { versionId } = credential;
    if (versionId !== this.#current.versionId) {
      this.#current = credential;
      this.#journal.record({ type: 'refreshed', versionId, stage, cause });
    }
  }

  refused(versionId: string): void {
    this.#journal.countRefusal();
    // A refusal of an older version says nothing about the version in use.
    if (this.#interruptedAt === undefined && versionId === this.#current.versionId) {
      this.#refusals.clear();
      this.#interruptedAt = performance.now();
      this.#isOverBudget = false;
      this.failure = undefined;
      this.#journal.record({ type: 'interrupted', versionId });
    }
    this.#refusals.set(versionId, performance.now());
  }

  /** @param sentAt The time of the accepted attempt, as of `performance.now()`. */
  accepted(versionId: string, sentAt: number): void {
    // Answers overtake each other: a later refusal of the same version counts.
    if (versionId !== this.#current.versionId || sentAt < (this.#refusals.get(versionId) ?? 0)) {
      return;
    }
    this.#refusals.delete(versionId);
    if (this.#interruptedAt !== undefined) {
      const durationMs = performance.now() - this.#interruptedAt;
      this.#interruptedAt = undefined;
      this.#journal.record({ type: 'recovered', versionId, durationMs });
    }
  }

  /** A refused call fails, because its budget has ended. One event for each interruption. */
  budgetEnded(refusedAt: number): void {
    if (!this.#isOverBudget) {
      this.#isOverBudget = true;
      const durationMs = performance.now() - (this.#interruptedAt ?? refusedAt);
      this.#journal.record({ type: 'budget-ended', versionId: this.#current.versionId, durationMs });
    }
  }
}
