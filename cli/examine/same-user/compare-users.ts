import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { endpointUrl } from '../../../protocol/cluster/endpoint.ts';
import type { StoredCredential } from '../../../protocol/credential/stored-credential.ts';
import { type SecretTarget, targetFor, usersOf } from '../../../protocol/secret/rotated-secrets.ts';
import type { RotatingSecret } from '../../aws/aws.ts';
import type { DeployedFunction } from '../../aws/deployed-function.ts';
import type { KnownStrategy } from '../read-strategy.ts';
import type { OtherSecret } from './other-secrets.ts';

/** The users of a secret, which no other secret may hold. */
export interface UsersOfSecret {
  /** `undefined`: the secret does not exist yet. */
  readonly arn: string | undefined;
  readonly name: string;
  readonly rotationFunctionArn: string | undefined;
  /** As `Endpoint.url`. */
  readonly endpoint: string;
  readonly usernames: readonly string[];
}

/** The user in AWSCURRENT, and each other user that the secret may name. */
export function usersOfSecret(
  { arn, name, rotationFunctionArn }: RotatingSecret,
  { endpoint, username }: Credentials,
  { users }: KnownStrategy,
): UsersOfSecret {
  return { arn, name, rotationFunctionArn, endpoint: endpoint.url, usernames: [...new Set([username, ...users])] };
}

/** What the configuration pins for a secret. */
export function targetOf({ secret, deployed }: OtherSecret): SecretTarget {
  return deployed === undefined ? {} : targetFor(secret, deployed.targets, deployed.place);
}

/**
 * Whether the pinned endpoint and users decide the comparison.
 *
 * @returns the common user, `none`, or `unknown` if only the value of the secret can tell
 */
export function comparePins(
  target: SecretTarget,
  { endpoint, usernames }: UsersOfSecret,
): { readonly common: string } | 'none' | 'unknown' {
  const users = usersOf(target);
  const common = commonUser(users, usernames);
  const isPinnedHere = isEndpoint(target.endpoint, endpoint);
  if ((target.endpoint !== undefined && !isPinnedHere) || (users.length > 0 && common === undefined)) {
    return 'none';
  }
  return !isPinnedHere || common === undefined ? 'unknown' : { common };
}

/** @returns the common user, also if another secret has it as its second user */
export function compareValue(
  stored: StoredCredential,
  target: SecretTarget,
  { endpoint, usernames }: UsersOfSecret,
): string | undefined {
  if (stored.kind === 'unusable' || stored.credentials.endpoint.url !== endpoint) {
    return undefined;
  }
  return commonUser([stored.credentials.username, ...usersOf(target)], usernames);
}

/**
 * The pins of a function for secrets that cannot be listed: secrets of another account, or all
 * secrets if AWS denies ListSecrets.
 *
 * @returns names, with their account if it is not the account of the function
 */
export function pinsOfUnlisted(
  users: UsersOfSecret,
  { targets, place }: DeployedFunction,
  areListed: boolean,
): ReadonlyArray<{ readonly name: string; readonly common: string }> {
  return Object.entries(targets).flatMap(([key, target]) => {
    const isOwn =
      key === users.name || targetFor({ arn: users.arn ?? '', name: users.name }, { [key]: target }, place) === target;
    const pins = comparePins(target, users);
    const isListed = areListed && !/^\d{12}:/.test(key);
    return isOwn || isListed || typeof pins === 'string' ? [] : [{ name: key, common: pins.common }];
  });
}

/** @param url as `Endpoint.url` */
export function isEndpoint(text: string | undefined, url: string): boolean {
  return text !== undefined && endpointUrl(text) === url;
}

function commonUser(some: readonly string[], others: readonly string[]): string | undefined {
  return some.find((user) => others.includes(user));
}
