import { Token, TokenComparison } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { endpointUrl } from '../../protocol/cluster/endpoint.ts';
import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { formOf } from '../../protocol/secret/credential-form.ts';
import { NAME_PINS, type Pins } from '../../protocol/secret/rotated-secrets.ts';
import { isSameSecret, secretNameOf } from '../function/secret-names.ts';
import { refuseProp } from '../rules/check-props.ts';

/** The rotations of one app. */
interface Rotations {
  /** The path of the construct, by user and endpoint, or by API key. */
  readonly credentials: Map<string, string>;
  /** By name, because a search through all secrets would take long for thousands. */
  readonly secrets: Map<string, Array<{ readonly secret: ISecret; readonly path: string }>>;
}

const ROTATIONS = new WeakMap<IConstruct, Rotations>();

function rotationsOf({ node: { root } }: IConstruct): Rotations {
  const rotations = ROTATIONS.get(root) ?? { credentials: new Map(), secrets: new Map() };
  ROTATIONS.set(root, rotations);
  return rotations;
}

/**
 * @param pins With the endpoint of the secret, or what the function uses for secrets without one.
 * @throws RotationPropsError if another construct of the app rotates the API key, or one of the
 * users at the same endpoint. An existing secret without these props may have the same user: only
 * its value tells.
 */
export function checkUniqueCredential(scope: IConstruct, pins: Pins): void {
  const url = formOf(strategyOf(pins)).isOfOneCluster ? endpointUrl(pins.endpoint ?? '') : 'any endpoint';
  const { credentials } = rotationsOf(scope);
  for (const pin of url === undefined ? [] : NAME_PINS) {
    for (const name of [pins[pin] ?? []].flat()) {
      const credential = `${name} at ${url}`;
      const earlier = credentials.get(credential);
      if (earlier !== undefined) {
        refuseProp(scope, [pin], name, `${earlier} ${SAME_CREDENTIAL}`);
      }
      credentials.set(credential, scope.node.path);
    }
  }
}

const SAME_CREDENTIAL =
  'has the same user at the same endpoint, or the same API key. ' +
  'A rotation of one secret ends the credential, and the other secret keeps it. ' +
  'Give each secret its own user or API key, or let all applications read one secret. ' +
  'If the value of a secret names another endpoint, give the secret this endpoint here too.';

/** @throws RotationPropsError if another construct of the app rotates the secret. */
export function checkUniqueSecret(scope: IConstruct, secret: ISecret): void {
  const { secrets } = rotationsOf(scope);
  const name = secretNameOf(secret);
  const sameName = secrets.get(name) ?? [];
  const earlier = sameName.find((other) => isSameSecret(other.secret, secret));
  if (earlier !== undefined) {
    const isKnown = Token.compareStrings(earlier.secret.env.account, secret.env.account) === TokenComparison.SAME;
    const advice = isKnown
      ? 'Remove one of the two constructs.'
      : 'Remove one of the two constructs. If they are for different accounts or regions, set env of their stacks: new Stack(app, id, { env: { account, region } }).';
    const rule = `${earlier.path} rotates this secret already. Two schedules for one secret overwrite each other. ${advice}`;
    refuseProp(scope, ['secret'], undefined, rule);
  }
  secrets.set(name, [...sameName, { secret, path: scope.node.path }]);
}
