import type { RotatingSecret } from '../aws/aws.ts';
import type { SelectionOptions, Tag } from './selection-options.ts';

export interface Condition {
  readonly holds: (secret: RotatingSecret) => boolean;
  /** Why a secret that does not meet the condition is left out. */
  readonly otherwise: string;
}

/**
 * Whether the options select secrets by more than their names. With names, a command that logs in
 * uses `--endpoint` for secrets that name no endpoint, so `--endpoint` is no condition then.
 *
 * @param named names or ARNs
 */
export function hasCondition(options: SelectionOptions, named: readonly string[]): boolean {
  const { all, ofEndpoint, endpoint, olderThan } = options;
  const isEndpointCondition = ofEndpoint !== undefined && (named.length === 0 || endpoint === undefined);
  return all === true || isEndpointCondition || olderThan !== undefined || conditionsOf(options).length > 0;
}

/** The conditions that the answer of ListSecrets decides, without the age. */
export function conditionsOf({
  rotatedBy,
  tag: tags = [],
  prefix: prefixes = [],
}: SelectionOptions): readonly Condition[] {
  const conditions: Condition[] = tags.map((tag) => ({
    holds: (secret) => hasTag(secret, tag),
    otherwise: `It has no tag ${tag.key}${tag.value === undefined ? '' : `=${tag.value}`}.`,
  }));
  if (rotatedBy !== undefined) {
    conditions.push({
      holds: ({ rotationFunctionArn = '' }) => isFunction(rotationFunctionArn, rotatedBy),
      otherwise: `The function ${rotatedBy} does not rotate it.`,
    });
  }
  if (prefixes.length > 0) {
    conditions.push({
      holds: ({ name }) => prefixes.some((prefix) => name.startsWith(prefix)),
      otherwise: `Its name does not start with ${prefixes.join(' or ')}.`,
    });
  }
  return conditions;
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
