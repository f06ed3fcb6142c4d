import type { RotatingSecret } from '../aws/aws.ts';
import type { SelectionOptions } from './selection-options.ts';

/** Whether the options search for secrets. With names, nothing is searched. */
export function isSearch({ all, rotatedBy, tag, prefix, ...places }: SelectionOptions): boolean {
  const { regions, profiles, accounts, role } = places;
  return (
    all === true || [rotatedBy, tag, prefix, regions, profiles, accounts, role].some((option) => option !== undefined)
  );
}

export function hasCondition(options: SelectionOptions): boolean {
  return isSearch(options) || options.olderThan !== undefined;
}

/** The conditions that the answer of ListSecrets decides, without the age. All must hold. */
export function meetsConditions(
  { name, tags, rotationFunctionArn: arn = '' }: RotatingSecret,
  { rotatedBy, tag: wanted = [], prefix: prefixes = [] }: SelectionOptions,
): boolean {
  return (
    wanted.every(({ key, value }) => key in tags && (value === undefined || tags[key] === value)) &&
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
    (rotatedBy === undefined || arn === rotatedBy || arn.split(':')[6] === rotatedBy) &&
    (prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)))
  );
}

/**
 * Whether a secret is younger than `--older-than`. A secret that never rotated is as old as the
 * secret itself. AWS omits the date of the last rotation while rotation is off. With `--both-users`
 * and `--revoke-previous` this date decides nothing, because it does not tell what was revoked.
 *
 * @param now milliseconds since the epoch
 */
export function hasRotatedSince(
  { lastRotatedAt, createdAt = 0 }: RotatingSecret,
  {
    olderThan,
    bothUsers = false,
    revokePrevious = false,
  }: Pick<SelectionOptions, 'olderThan' | 'bothUsers' | 'revokePrevious'>,
  now: number,
): boolean {
  return (
    olderThan !== undefined && !bothUsers && !revokePrevious && (lastRotatedAt ?? createdAt) > olderThan.startOf(now)
  );
}
