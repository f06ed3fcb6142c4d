import { Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { PINS_FOLDER } from '../../protocol/secret/pins.ts';
import type { Pins } from '../../protocol/secret/rotated-secrets.ts';
import { checkProps, type PropFields, refuseProp } from '../rules/check-props.ts';
import { certificateProblem, endpointFormProblem, endpointProblem, passwordProblem } from '../rules/cluster-rules.ts';
import { integer, list, text, unique } from '../rules/fields.ts';
import { FUNCTION_FIELDS } from '../rules/function-fields.ts';
import type { FunctionSettings } from '../rules/function-settings.ts';
import { checkRegion } from '../rules/location.ts';
import { type Problem, problemAt } from '../rules/problem.ts';
import { TIMEOUT_SECONDS, usersFields } from '../rules/shared-fields.ts';
import { checkPins } from '../rules/strategy-rules.ts';
import { OWN_VARIABLES } from './function-environment.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

const FIELDS: PropFields = {
  ...FUNCTION_FIELDS,
  timeout: TIMEOUT_SECONDS,
  secretAccounts: unique(list(text(/^\d{12}$/, 'Write the 12 digits of an account.'), 'Write a list of accounts.')),
  pinSecrets: integer(1, 100, 'secrets'),
};

/** @throws RotationPropsError for props that AWS accepts but that make every rotation fail. */
export function checkFunctionProps(scope: IConstruct, props: RotationFunctionProps): void {
  const { timeout, clusterEndpoint, secretKeys = [] } = props;
  const seconds = timeout?.isUnresolved() ? undefined : timeout?.toSeconds({ integral: false });
  checkProps(scope, { ...props, timeout: seconds }, FIELDS);
  for (const [index, key] of secretKeys.entries()) {
    checkRegion(scope, ['secretKeys', index], key);
  }
  if (clusterEndpoint !== undefined) {
    checkEndpoint(scope, 'clusterEndpoint', clusterEndpoint, endpointRulesOf(props));
  }
  const { passwordLength, passwordExcludeCharacters: excluded } = props;
  const isKnown = !(Token.isUnresolved(passwordLength) || Token.isUnresolved(excluded));
  const noPassword = isKnown ? passwordProblem(props) : undefined;
  if (noPassword !== undefined) {
    refuseProp(scope, ['passwordExcludeCharacters'], excluded, noPassword);
  }
  for (const { path, rule } of problemsOf(props)) {
    refuseProp(scope, path, undefined, rule);
  }
}

/** @throws RotationPropsError if the secret or its key is in another region. */
export function checkSecretRegion(scope: IConstruct, secret: ISecret, encryptionKey: IKey | undefined): void {
  checkRegion(scope, ['secret'], secret);
  checkRegion(scope, ['encryptionKey'], encryptionKey);
}

/** @throws RotationPropsError for pins that the function could not use. */
export function checkPin(scope: IConstruct, target: Pins, hasManager: boolean): void {
  const { name, needsManager } = strategyOf(target);
  checkProps(scope, target, usersFields);
  checkPins(scope, name, target);
  if (needsManager && !hasManager) {
    const rule =
      'Only the manager key creates and deletes API keys. Store it in a secret of its own, and give that secret to the function as managerSecret.';
    refuseProp(scope, ['apiKeyId'], target.apiKeyId, rule);
  }
}

export function endpointRulesOf({ allowedEndpoints, allowPlaintext }: FunctionSettings): EndpointRules {
  return { allowed: allowedEndpoints ?? ZILLIZ_CLOUD_DOMAINS, allowPlaintext: allowPlaintext ?? false };
}

/**
 * If an allowed host is known only at deployment, any host may be allowed.
 *
 * @throws RotationPropsError if the function would refuse the endpoint.
 */
export function checkEndpoint(scope: IConstruct, prop: string, endpoint: string, rules: EndpointRules): void {
  if (Token.isUnresolved(endpoint)) {
    return;
  }
  const { allowed } = rules;
  const anyHost = Token.isUnresolved(allowed) || allowed.some((host) => Token.isUnresolved(host));
  const rule = anyHost ? endpointFormProblem(endpoint) : endpointProblem(endpoint, rules);
  if (rule !== undefined) {
    refuseProp(scope, [prop], endpoint, rule);
  }
}

/** The values are not shown, because the certificate may be a private key. */
function problemsOf(props: RotationFunctionProps): Problem[] {
  const { certificateAuthority: pem, role, permissionsBoundary, environment = {}, secretNamePrefix: prefix } = props;
  const { secretAccounts = [], secretKeys = [] } = props;
  const reserved = Object.keys(environment).find((name) => OWN_VARIABLES.includes(name)) ?? '';
  return [
    ...problemAt(['certificateAuthority'], pem !== undefined && !Token.isUnresolved(pem) && certificateProblem(pem)),
    ...problemAt(
      ['permissionsBoundary'],
      role !== undefined &&
        permissionsBoundary !== undefined &&
        'It applies to a new role only. Give the boundary to role, or omit role.',
    ),
    ...problemAt(
      ['environment', reserved],
      reserved && 'The construct sets this variable from its own props. Use them, and remove the variable here.',
    ),
    ...problemAt(
      ['secretNamePrefix'],
      Token.isUnresolved(prefix) &&
        'It is unknown at synth, but synth compares the name of each secret with it. Write the prefix itself, such as milvus/.',
    ),
    ...problemAt(
      ['secretNamePrefix'],
      // The function may change every secret under the prefix, and so the pins of each function.
      prefix !== undefined &&
        (prefix.startsWith(PINS_FOLDER) || PINS_FOLDER.startsWith(prefix)) &&
        `${prefix} covers ${PINS_FOLDER}, where each function reads to which endpoint and users its secrets are pinned. Choose a prefix that only the rotated secrets have.`,
    ),
    ...problemAt(
      ['secretKeys'],
      prefix === undefined &&
        secretKeys.length > 0 &&
        'They encrypt the secrets under secretNamePrefix. Give secretNamePrefix too, or give each secret its key as encryptionKey.',
    ),
    ...problemAt(
      ['secretAccounts'],
      prefix !== undefined &&
        secretAccounts.length > 0 &&
        "secretNamePrefix covers only secrets of the function's account. Use another RotationFunction for the secrets of other accounts.",
    ),
  ];
}
