/** Version ids and staging labels of one secret, as DescribeSecret tells them. */
export interface VersionLabels {
  readonly versionId: string;
  readonly labels: readonly string[];
}

export interface SecretDescription {
  readonly arn: string;
  readonly name: string;
  readonly rotationEnabled: boolean;
  /** Versions that carry at least one label; an empty AWSPENDING version is among them. */
  readonly versions: readonly VersionLabels[];
  readonly tags: Readonly<Record<string, string>>;
}

/** One row of ListSecretVersionIds, deprecated (label-less) versions included. */
export interface ListedVersion {
  readonly versionId: string;
  readonly labels: readonly string[];
  /** Milliseconds since the epoch; whole seconds in some implementations, so ties happen. */
  readonly createdAt: number;
}

/** `conflict`: the version already holds another value, which stands. */
export type PutOutcome = 'stored' | 'conflict';

/** `moved`: the label was no longer where the caller saw it; nothing changed. */
export type LabelOutcome = 'done' | 'moved';

/**
 * The secret being rotated. Port: an answer that Secrets Manager gives is a value, and only a Secrets Manager that
 * could not be asked (or refused the caller) is an exception, of class {@link SecretStoreError}.
 *
 * Every method may be repeated with the same arguments after an exception: each is idempotent at its destination.
 */
export interface SecretStore {
  describe(): Promise<SecretDescription>;
  /** The stored text; `undefined` when there is no such version or it is still empty. */
  read(versionId: string): Promise<string | undefined>;
  /** Every version that can still be read, label-less ones included, in no promised order. */
  list(): Promise<readonly ListedVersion[]>;
  /** Stores the value of one version and puts the labels on it, in one call. */
  put(version: { versionId: string; value: string; labels: readonly string[] }): Promise<PutOutcome>;
  /** Moves AWSCURRENT in one compare-and-swap: `moved` when `from` no longer holds it. AWSPREVIOUS follows by itself. */
  promote(move: { to: string; from: string }): Promise<LabelOutcome>;
  /** Puts a label that no other version holds on a version. Putting it on again changes nothing. */
  addLabel(label: { label: string; to: string }): Promise<void>;
  /** Takes a label off the version that holds it: `moved` when that version does not hold it. */
  removeLabel(label: { label: string; from: string }): Promise<LabelOutcome>;
}

/**
 * Secrets Manager could not be asked, or refused the caller. The message names the API action and AWS's error code,
 * and never holds a value.
 */
export class SecretStoreError extends Error {
  override readonly name = 'SecretStoreError' as const;
  /** The API action, in AWS's own words: `PutSecretValue`. */
  readonly action: string;
  /** AWS's error code, or the name of the network failure: `ThrottlingException`, `TimeoutError`. */
  readonly code: string;
  /**
   * `unavailable`: asking again may help. `denied`: the caller may not, or the key refused. `refused`: the secret cannot
   * take the request as it stands.
   */
  readonly kind: 'unavailable' | 'denied' | 'refused';

  constructor(details: { action: string; code: string; kind: SecretStoreError['kind']; explanation: string }) {
    super(`${details.action} failed with ${details.code}: ${details.explanation}`);
    this.action = details.action;
    this.code = details.code;
    this.kind = details.kind;
  }
}
