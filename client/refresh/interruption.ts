import type { Stage } from '../source/secret-source.ts';

/**
 * A rotation stores the new password as AWSPENDING, sets it on the cluster and then makes it
 * AWSCURRENT. If AWSPENDING holds nothing new, AWSCURRENT may have moved during the search.
 */
const SEARCH: readonly Stage[] = ['AWSCURRENT', 'AWSPENDING', 'AWSCURRENT'];

/** The time from the first refusal of the credential in use to the first accepted request. */
export class Interruption {
  readonly startedAt: number = performance.now();
  /** No search waits for its turn after this time. */
  readonly until: number;
  /** The number of the last refusal, in the order of requests and refusals. */
  lastRefusal = 0;
  /** Rounds that have found no other version. */
  fruitlessRounds = 0;
  readonly #refused = new Set<string>();
  #nextStage = 0;

  constructor(budgetMs: number) {
    this.until = this.startedAt + budgetMs;
  }

  /** The rest of the budget. 0 if it is used up. */
  get remainingMs(): number {
    return Math.max(0, this.until - performance.now());
  }

  /** Whether the next search begins with AWSCURRENT. */
  get startsRound(): boolean {
    return this.#nextStage === 0;
  }

  refuse(versionId: string, order: number): void {
    this.#refused.add(versionId);
    this.lastRefusal = order;
  }

  hasRefused(versionId: string): boolean {
    return this.#refused.has(versionId);
  }

  /** The next search begins with AWSCURRENT. */
  endRound(): void {
    this.#nextStage = 0;
  }

  /** The rest of the round. If a version of the round is refused, the next search goes on here. */
  *stages(): Generator<Stage> {
    for (const stage of SEARCH.slice(this.#nextStage)) {
      this.#nextStage = (this.#nextStage + 1) % SEARCH.length;
      yield stage;
    }
  }
}
