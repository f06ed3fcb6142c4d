import { DocumentError } from '../protocol/secret/document.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';
import type { VersionedCredential } from './credential.ts';
import type { Stage } from './credential-source.ts';
import { EndpointChangedError, type VersionReader } from './version-reader.ts';

/**
 * A rotation stores the new password as AWSPENDING, sets it on the cluster and then makes it
 * AWSCURRENT. A proxy of the cluster that learns late of the change still accepts AWSPREVIOUS.
 */
const STAGES: readonly Stage[] = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'];

/** The pauses between two rounds double, up to this many times `minimumIntervalMs`. */
const MAX_PAUSE_FACTOR = 8;

export interface FoundVersion {
  readonly credential: VersionedCredential;
  readonly stage: Stage;
}

/** One reading of the versions, one after the other. */
export class Round {
  readonly number: number;
  /** A time of `performance.now()`. */
  readonly beganAt: number = performance.now();
  readonly found: FoundVersion[] = [];
  /** The first failure. It tells why no version was found. */
  failure: Error | undefined;
  readonly #reader: VersionReader;
  #stages = STAGES;

  constructor(reader: VersionReader, number: number) {
    this.#reader = reader;
    this.number = number;
  }

  /**
   * Reads until a version that was not refused.
   *
   * @param budgetEnd Ends a read, as a time of `performance.now()`, unless the round began later.
   * @returns undefined at the end of the round.
   */
  async next(refused: ReadonlySet<string>, budgetEnd: number): Promise<FoundVersion | undefined> {
    for (let [stage] = this.#stages; stage !== undefined; [stage] = this.#stages) {
      this.#stages = this.#stages.slice(1);
      try {
        const credential = await this.#reader.read(stage, this.beganAt < budgetEnd ? budgetEnd : undefined);
        if (credential !== undefined) {
          this.found.push({ credential, stage });
        }
        if (credential !== undefined && !refused.has(credential.versionId)) {
          return { credential, stage };
        }
      } catch (error) {
        this.failure ??= error as Error;
        if (!concernsOneVersion(error)) {
          break;
        }
      }
    }
    return undefined;
  }
}

/** When the next round begins. The pauses of an interruption grow. */
export class RoundSchedule {
  readonly #minimumIntervalMs: number;
  #pauseMs = 0;
  /** A time of `performance.now()`. */
  nextAt = 0;

  constructor(minimumIntervalMs: number) {
    this.#minimumIntervalMs = minimumIntervalMs;
  }

  /** @param earlier the number of earlier rounds in the interruption */
  began(earlier: number): void {
    this.#pauseMs = this.#minimumIntervalMs * Math.min(2 ** earlier, MAX_PAUSE_FACTOR) * (1 + Math.random() / 2);
    // The call that reads the round may leave it.
    this.ended();
  }

  ended(): void {
    this.nextAt = performance.now() + this.#pauseMs;
  }
}

/** Whether an error says nothing about the versions with other labels. */
function concernsOneVersion(error: unknown): boolean {
  return error instanceof SecretStoreError
    ? error.kind !== 'unavailable'
    : error instanceof DocumentError || error instanceof EndpointChangedError;
}
