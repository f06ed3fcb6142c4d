import type { VersionedCredential } from './credential.ts';
import type { CredentialInUse } from './credential-in-use.ts';

/** A call of the application, with its repetitions. */
export class RepeatedCall<T = unknown> {
  answer: T | undefined;
  /** The last refusal. */
  refusal: unknown;
  /** The time of the first refusal. Times are those of `performance.now()`. */
  refusedAt: number = Number.POSITIVE_INFINITY;
  /** The versions that the cluster has refused since the last pause. */
  readonly refused: Set<string> = new Set();
  readonly #inUse: CredentialInUse;
  readonly #send: (credential: VersionedCredential) => Promise<T>;
  readonly #isRefusal: (error: unknown) => boolean | Promise<boolean>;
  #versionId = '';
  #sentAt = 0;

  constructor(
    inUse: CredentialInUse,
    send: (credential: VersionedCredential) => Promise<T>,
    isRefusal: (error: unknown) => boolean | Promise<boolean>,
  ) {
    this.#inUse = inUse;
    this.#send = send;
    this.#isRefusal = isRefusal;
  }

  /**
   * Sends the call once.
   *
   * @returns whether the cluster has accepted the credential.
   * @throws every error that is not a refusal.
   */
  async send(credential: VersionedCredential): Promise<boolean> {
    this.#versionId = credential.versionId;
    this.#sentAt = performance.now();
    try {
      this.answer = await this.#send(credential);
      return true;
    } catch (error) {
      if (!(await this.#isRefusal(error))) {
        throw error;
      }
      this.refusal = error;
    }
    this.refusedAt = Math.min(this.refusedAt, performance.now());
    this.refused.add(credential.versionId);
    this.#inUse.refused(credential.versionId);
    return false;
  }

  /** The cluster has accepted the last attempt. */
  accepted(): void {
    this.#inUse.accepted(this.#versionId, this.#sentAt);
  }
}
