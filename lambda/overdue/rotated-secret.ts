import type { SecretListEntry } from '@aws-sdk/client-secrets-manager';

/** One secret in the answer of ListSecrets. */
export interface RotatedSecret {
  readonly name: string;
  readonly rotationEnabled: boolean;
  /** When the rotation window closes. Secrets Manager computes the date after every success. */
  readonly nextRotation: Date | undefined;
  /** The last rotation that succeeded. */
  readonly lastRotated: Date | undefined;
  readonly created: Date;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Reads one entry of ListSecrets. The age of a password counts from the last rotation, or from the creation of the secret.
 * LastChangedDate is not used, because a changed tag moves it. So a value that was changed by hand counts as old until
 * the next rotation.
 */
export function asRotated(entry: SecretListEntry): RotatedSecret {
  return {
    name: entry.Name ?? '',
    rotationEnabled: entry.RotationEnabled ?? false,
    nextRotation: entry.NextRotationDate,
    lastRotated: entry.LastRotatedDate,
    created: entry.CreatedDate ?? new Date(0),
    tags: Object.fromEntries((entry.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}
