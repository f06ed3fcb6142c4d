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

export interface FoundVersion {
  readonly credential: VersionedCredential;
  readonly stage: Stage;
}

/** One reading of the versions, one after the other. */
export class Round {
  /** A time of `performance.now()`. */
  readonly beganAt: number = performance.now();
  readonly found: FoundVersion[] = [];
  /** The first failure. It tells why no version was found. */
  failure: Error | undefined;
  readonly #reader: VersionReader;
  /** A loop goes on where the last one has ended. */
  readonly #stages = STAGES.values();

  constructor(reader: VersionReader) {
    this.#reader = reader;
  }

  /**
   * Reads until a version that was not refused.
   *
   * @returns undefined at the end of the round.
   */
  async next(refused: ReadonlySet<string>): Promise<FoundVersion | undefined> {
    for (const stage of this.#stages) {
      try {
        const credential = await this.#reader.read(stage);
        if (credential !== undefined) {
          this.found.push({ credential, stage });
          if (!refused.has(credential.versionId)) {
            return { credential, stage };
          }
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

/** Whether an error says nothing about the versions with other labels. */
function concernsOneVersion(error: unknown): boolean {
  return error instanceof SecretStoreError
    ? error.kind !== 'unavailable'
    : error instanceof DocumentError || error instanceof EndpointChangedError;
}
