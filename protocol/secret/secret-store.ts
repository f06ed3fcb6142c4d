export interface SecretDescription {
  readonly arn: string;
  readonly name: string;
  readonly rotationEnabled: boolean;
  /** Milliseconds since the epoch. `undefined`: never, or rotation is off. */
  readonly lastRotatedAt: number | undefined;
  /** Milliseconds since the epoch. Of the value, the labels or the settings of the secret. */
  readonly lastChangedAt: number | undefined;
  /** Versions with at least one label, including an AWSPENDING version that holds no value yet. */
  readonly versions: ReadonlyArray<Omit<ListedVersion, 'createdAt'>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** One version in the answer of ListSecretVersionIds, including versions without a label. */
export interface ListedVersion {
  readonly versionId: string;
  readonly labels: readonly string[];
  /**
   * Milliseconds since the epoch. Some implementations round to seconds, so two versions may have
   * the same date.
   */
  readonly createdAt: number;
}

/** `moved`: the label was not on the named version, and nothing changed. */
export type LabelOutcome = 'done' | 'moved';

/**
 * The secret that is rotated. Port: what Secrets Manager answers is a value. If Secrets Manager
 * gives no answer or refuses the caller, that is an exception, of class {@link SecretStoreError}.
 *
 * Every method is idempotent, so a caller may repeat it with the same arguments after an
 * exception.
 */
export interface SecretStore {
  describe(): Promise<SecretDescription>;
  /** The stored text. `undefined`: the version does not exist or holds no value yet. */
  read(versionId: string): Promise<string | undefined>;
  /** Every version that can be read, including versions without a label, in any order. */
  list(): Promise<readonly ListedVersion[]>;
  /**
   * Stores the value of a version and adds its labels, in one call. `conflict`: the version already
   * holds another value, which stays.
   */
  put(version: { versionId: string; value: string; labels: readonly string[] }): Promise<'stored' | 'conflict'>;
  /**
   * Moves AWSCURRENT by compare-and-swap: `moved` if neither `from` nor `to` holds it. AWS then
   * moves AWSPREVIOUS to `from`. ASSUMPTION sm-previous-follows
   */
  promote(move: { to: string; from: string }): Promise<LabelOutcome>;
  /** Adds a label that no other version has. */
  addLabel(label: { label: string; to: string }): Promise<void>;
  /** Removes a label: `moved` if the version does not have it. */
  removeLabel(label: { label: string; from: string }): Promise<LabelOutcome>;
}

/**
 * Secrets Manager gave no answer, or refused the caller. The message names the API action and
 * AWS's error code, and never holds a secret value.
 */
export class SecretStoreError extends Error {
  override readonly name = 'SecretStoreError' as const;
  /** The API action: `PutSecretValue`. */
  readonly action: string;
  /**
   * AWS's error code, or the name of the network failure: `ThrottlingException`, `TimeoutError`.
   */
  readonly code: string;
  /**
   * `unavailable`: a retry may help. `denied`: the caller has no permission for the secret or its
   * key. `refused`: the state of the secret does not allow the request.
   */
  readonly kind: 'unavailable' | 'denied' | 'refused';
  /** The end of the message. */
  readonly explanation: string;

  constructor(details: { action: string; code: string; kind: SecretStoreError['kind']; explanation: string }) {
    super(`${details.action} failed with ${details.code}: ${details.explanation}`);
    this.action = details.action;
    this.code = details.code;
    this.kind = details.kind;
    this.explanation = details.explanation;
  }
}
