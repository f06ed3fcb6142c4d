import type { SecretListEntry } from '@aws-sdk/client-secrets-manager';

/** What ListSecrets tells of one secret. */
export interface RotatedSecret {
  readonly name: string;
  readonly rotationEnabled: boolean;
  /** When its window closes; Secrets Manager computes it after every success. */
  readonly nextRotation: Date | undefined;
  /** The last rotation that succeeded. */
  readonly lastRotated: Date | undefined;
  readonly created: Date;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The age of a password is counted from the last rotation or the creation of its secret, and not from LastChangedDate: that moves with every
 * tag, so an edit would make an old password young. The price is that a value changed by hand counts as old until the next rotation:
 * reported once too often rather than missed.
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
