import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import { RotationPropsError } from '../errors.ts';
import { isSameSecret, nameOf } from '../function/secret-identity.ts';
import { sentenceOf } from '../rules/mistake.ts';
import { sameUserRule, userKey } from '../rules/rotated-users.ts';

/** The rotations of one app. */
interface Rotations {
  /** The path of the construct, by user and endpoint. */
  readonly users: Map<string, string>;
  /** By name, because a search through all secrets would take long for thousands. */
  readonly secrets: Map<string, Array<{ readonly secret: ISecret; readonly path: string }>>;
}

const ROTATIONS = new WeakMap<IConstruct, Rotations>();

function rotationsOf({ node: { root } }: IConstruct): Rotations {
  const rotations = ROTATIONS.get(root) ?? { users: new Map(), secrets: new Map() };
  ROTATIONS.set(root, rotations);
  return rotations;
}

/**
 * @param endpoint The endpoint of the secret, or what the function uses for secrets without one.
 * @throws RotationPropsError if another construct of the app rotates one of the users at the same
 * endpoint. An existing secret without these props may have the same user: only its value tells.
 */
export function checkUniqueUsers(
  scope: IConstruct,
  {
    endpoint,
    username,
    usernames,
  }: {
    readonly endpoint?: string | undefined;
    readonly username?: string | undefined;
    readonly usernames?: readonly string[] | undefined;
  },
): void {
  const url = endpointUrl(endpoint ?? '');
  if (url === undefined) {
    return;
  }
  const { users } = rotationsOf(scope);
  for (const value of usernames ?? (username === undefined ? [] : [username])) {
    const key = userKey(url, value);
    const earlier = users.get(key);
    if (earlier !== undefined) {
      const path = [usernames === undefined ? 'username' : 'usernames'];
      throw new RotationPropsError(scope, sentenceOf({ path, value, rule: sameUserRule(earlier) }));
    }
    users.set(key, scope.node.path);
  }
}

/** @throws RotationPropsError if another construct of the app rotates the secret. */
export function checkUniqueSecret(scope: IConstruct, secret: ISecret): void {
  const { secrets } = rotationsOf(scope);
  const name = nameOf(secret);
  const sameName = secrets.get(name) ?? [];
  const earlier = sameName.find((other) => isSameSecret(other.secret, secret));
  if (earlier !== undefined) {
    throw new RotationPropsError(
      scope,
      sentenceOf({
        path: ['secret'],
        rule: `${earlier.path} rotates this secret already. Two schedules for one secret overwrite each other. Remove one of the two constructs.`,
      }),
    );
  }
  secrets.set(name, [...sameName, { secret, path: scope.node.path }]);
}
