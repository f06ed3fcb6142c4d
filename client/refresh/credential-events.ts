import type { Stage } from '../source/secret-source.ts';

/** What happened to the credential. No event holds a user, a password or a token. */
export type CredentialEvent =
  /** The cluster refused the credential in use. Refused requests wait for another version. */
  | { readonly type: 'interrupted'; readonly versionId: string }
  /** Another version of the secret is in use. */
  | {
      readonly type: 'refreshed';
      readonly versionId: string;
      readonly stage: Stage;
      /** `refusal`: the cluster refused the version before. `background`: nothing was refused. */
      readonly cause: 'refusal' | 'background';
    }
  /** A version could not be read, or must not be used. The credential in memory stays in use. */
  | { readonly type: 'refresh-failed'; readonly stage: Stage; readonly error: Error }
  /** The cluster accepted a request that began after the last refusal. */
  | { readonly type: 'recovered'; readonly versionId: string; readonly durationMs: number };

/** Counters that start when the credentials are created. */
export interface CredentialCounters {
  /** How often another version of the secret came into use. */
  readonly refreshes: number;
  readonly failedRefreshes: number;
  /** Requests that the cluster refused, repeated requests included. */
  readonly refusedCalls: number;
  /** Interruptions that have ended. */
  readonly interruptions: number;
  readonly longestInterruptionMs: number;
  readonly totalInterruptionMs: number;
}
