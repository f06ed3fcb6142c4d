import type { RotatingSecret } from '../aws/aws.ts';
import type { SelectionOptions, Tag } from './selection-options.ts';

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
  secret: RotatingSecret,
  { rotatedBy, tag: tags = [], prefix: prefixes = [] }: SelectionOptions,
): boolean {
  return (
    tags.every((tag) => hasTag(secret, tag)) &&
    (rotatedBy === undefined || isFunction(secret.rotationFunctionArn ?? '', rotatedBy)) &&
    (prefixes.length === 0 || prefixes.some((prefix) => secret.name.startsWith(prefix)))
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

function hasTag({ tags }: RotatingSecret, { key, value }: Tag): boolean {
  return key in tags && (value === undefined || tags[key] === value);
}

/** @param arn `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]` */
function isFunction(arn: string, functionId: string): boolean {
  return arn === functionId || arn.split(':')[6] === functionId;
}
