import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { namesIn, type Pins, usersOf } from '../../protocol/secret/rotated-secrets.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { placeText } from '../aws/place.ts';
import { type Explanation, truncatedList } from '../outcome/failure.ts';
import type { KnownStrategy } from './read-strategy.ts';

/** The users of a secret, which no other secret may hold. */
export interface UsersOfSecret {
  /** `undefined`: the secret does not exist yet. */
  readonly arn: string | undefined;
  readonly name: string;
  readonly rotationFunctionArn: string | undefined;
  /** As `Endpoint.url`. `undefined`: the names are the same credential at every endpoint. */
  readonly endpoint: string | undefined;
  readonly usernames: readonly string[];
}

/**
 * The credential in AWSCURRENT, each other user that the secret may name, and the pinned API key,
 * which the rotation deletes some time after it was replaced.
 */
export function usersOfSecret(
  { arn, name, rotationFunctionArn }: RotatingSecret,
  credentials: Credentials,
  { pins }: KnownStrategy,
): UsersOfSecret {
  const endpoint = formOf(credentials).isOfOneCluster ? credentials.endpoint.url : undefined;
  return {
    arn,
    name,
    rotationFunctionArn,
    endpoint,
    usernames: [...new Set([credentials.username, ...namesIn(pins)])],
  };
}

/**
 * Whether the endpoint and the users that the configuration pins for another secret decide that it
 * has one of the users.
 *
 * @returns `unknown` if only the value of the other secret can tell
 */
export function comparePins(pins: Pins, { endpoint, usernames }: UsersOfSecret): 'same-user' | 'none' | 'unknown' {
  const isCommon = namesIn(pins).some((name) => usernames.includes(name));
  const isPinnedHere = endpoint === undefined || isEndpoint(pins.endpoint, endpoint);
  if ((pins.endpoint !== undefined && !isPinnedHere) || (usersOf(pins).length > 0 && !isCommon)) {
    return 'none';
  }
  return isPinnedHere && isCommon ? 'same-user' : 'unknown';
}

/** @param url as `Endpoint.url`. `undefined`: any */
export function isEndpoint(text: string | undefined, url: string | undefined): boolean {
  return text !== undefined && (url === undefined || endpointUrl(text) === url);
}

/**
 * Two secrets hold the same user. Names no user, because the name may be a part of a password.
 *
 * @param others the names of the other secrets with the same user
 * @param compare empty if no single command reaches all of them, or if this command shows them
 * @returns `undefined` if there is none
 */
export function explainSameUser(
  { name, endpoint }: Pick<UsersOfSecret, 'name' | 'endpoint'>,
  others: readonly string[],
  compare = `Compare the secrets with \`zilliz-rotation status ${name} ${others[0]}\`. `,
): Explanation | undefined {
  return others.length === 0
    ? undefined
    : {
        code: 'same-user',
        message: `${name} and ${truncatedList(others)} hold ${endpoint === undefined ? 'the same API key' : `the same user or API key at ${endpoint}`}. A new credential in one secret makes the other secret wrong.`,
        advice: `${compare}Give each secret its own user or API key, or let all applications read one, whose AWSCURRENT is accepted if possible, and delete the other (docs/operations.md#two-secrets-for-one-user).`,
      };
}

/**
 * Compares these secrets only. A secret that is given by name and by ARN shares nothing.
 *
 * @param areShown whether the command shows the versions of each secret
 * @returns a function that explains which of the others hold a user of a secret
 */
export function findSharedUsers(
  compared: readonly UsersOfSecret[],
  areShown = false,
): (users: UsersOfSecret) => Explanation | undefined {
  const byEndpoint = Map.groupBy(compared, ({ endpoint }) => endpoint);
  return (users) => {
    const others = (byEndpoint.get(users.endpoint) ?? []).filter(
      (other) => other.arn !== users.arn && other.usernames.some((user) => users.usernames.includes(user)),
    );
    const places = new Set([users, ...others].map(({ arn = '' }) => placeText(arn)));
    const namesOf = (each: readonly UsersOfSecret[]) => [...new Set(each.map(({ name }) => name))];
    return places.size < 2
      ? explainSameUser(users, namesOf(others), areShown ? '' : undefined)
      : explainSameUser(
          { ...users, name: users.arn ?? '' },
          others.map(({ arn = '' }) => arn),
          '',
        );
  };
}
