import { placeOf } from '../../protocol/secret/rotated-secrets.ts';
import { sentLabels } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';

/**
 * An account may make 50 PutSecretValue, UpdateSecret and UpdateSecretVersionStage calls a second
 * in a region, together. The function makes these calls, so its account counts. The command uses
 * 96 % of the quota. The other 4 % are for other callers, and for calls that come unevenly.
 */
export const WRITES_PER_SECOND: number = 50 * 0.96;

/** The lowest quota of FilterLogEvents in any region is 5 a second. */
export const LOG_READS_PER_SECOND = 4;

/** Far below the quota of 10,000, which applications share. */
export const DESCRIPTIONS_PER_SECOND = 100;

/** PutSecretValue of createSecret, and UpdateSecretVersionStage of AWSCURRENT. */
const WRITES_OF_EACH_ROTATION = 2;

/** How many calls of {@link WRITES_PER_SECOND} the next rotation makes, at most. */
export function writesOf(secret: RotatingSecret): number {
  // finishSecret removes the labels of older passwords, each with one call.
  return WRITES_OF_EACH_ROTATION + sentLabels(secret).length;
}

/**
 * The account and region whose quotas the rotations of a function use, such as
 * `123456789012 us-east-1`.
 */
export function quotaPlace(functionArn: string | undefined): string {
  const { account, region } = placeOf(functionArn ?? '');
  return `${account} ${region}`;
}
