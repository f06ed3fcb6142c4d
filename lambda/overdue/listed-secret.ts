import type { SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { AWSPREVIOUS, isSentLabel } from '../../protocol/secret/versions.ts';

/** One secret in the answer of ListSecrets. */
export interface ListedSecret {
  readonly name: string;
  readonly arn: string;
  readonly rotationFunctionArn: string | undefined;
  readonly rotationEnabled: boolean;
  /** An expression, or a number of days. */
  readonly schedule: string | number | undefined;
  /** When the rotation window closes. Secrets Manager computes the date after every success. */
  readonly nextRotation: Date | undefined;
  /** The last rotation that succeeded. */
  readonly lastRotated: Date | undefined;
  readonly created: Date;
  /**
   * The version in AWSPREVIOUS, if it has a sent label. finishSecret removes the sent label of a
   * password that it ended, so the cluster still accepts this credential: two users take turns.
   */
  readonly acceptedPrevious: string | undefined;
  /** When that version was stored, or why AWS does not say. The list does not tell. */
  readonly previousStored?: Date | Error | undefined;
  /** Secrets Manager rotates the primary secret and copies the value to this region. */
  readonly isReplica: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * LastChangedDate is not used, because a changed tag moves it. So a value that was changed by hand
 * counts as old until the next rotation.
 */
export function asListed(entry: SecretListEntry): ListedSecret {
  const { ARN: arn = '', PrimaryRegion: primaryRegion, RotationRules: rules } = entry;
  return {
    name: entry.Name ?? '',
    arn,
    rotationFunctionArn: entry.RotationLambdaARN,
    rotationEnabled: entry.RotationEnabled ?? false,
    schedule: rules?.ScheduleExpression ?? rules?.AutomaticallyAfterDays,
    nextRotation: entry.NextRotationDate,
    lastRotated: entry.LastRotatedDate,
    created: entry.CreatedDate ?? new Date(0),
    acceptedPrevious: Object.entries(entry.SecretVersionsToStages ?? {}).find(
      ([, labels]) => labels.includes(AWSPREVIOUS) && labels.some(isSentLabel),
    )?.[0],
    isReplica: primaryRegion !== undefined && primaryRegion !== arn.split(':')[3],
    tags: Object.fromEntries((entry.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}
