import { Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../../protocol/cluster/endpoint.ts';
import { definitionOf } from '../../protocol/rotation/strategies/strategies.ts';
import { PINS_FOLDER } from '../../protocol/secret/pins.ts';
import { ROTATED_SECRETS, SECRET_TARGETS, type SecretTarget } from '../../protocol/secret/rotated-secrets.ts';
import { checkProps, type PropFields, RotationPropsError, refuseProp } from '../rules/check-props.ts';
import { certificateProblem, endpointFormProblem, endpointProblem, passwordProblem } from '../rules/cluster-rules.ts';
import { integer, list, text, unique } from '../rules/fields.ts';
import { FUNCTION_FIELDS } from '../rules/function-fields.ts';
import type { FunctionSettings } from '../rules/function-settings.ts';
import { checkRegion } from '../rules/location.ts';
import { TIMEOUT_SECONDS } from '../rules/shared-fields.ts';
import { checkPins } from '../rules/strategy-rules.ts';
import { RULE_VARIABLES } from './function-environment.ts';
import { checkReadOnlySecrets, READ_ONLY_VARIABLES } from './read-only-secrets.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

/** The variables that the construct sets. */
const OWN_VARIABLES: readonly string[] = [...RULE_VARIABLES, ROTATED_SECRETS, SECRET_TARGETS, ...READ_ONLY_VARIABLES];

const FIELDS: PropFields = {
  ...FUNCTION_FIELDS,
  secretAccounts: unique(list(text(/^\d{12}$/, 'Write the 12 digits of an account.'), 'Write a list of accounts.')),
  pinSecrets: integer(1, 100, 'secrets'),
};

/** @throws RotationPropsError for props that AWS accepts but that make every rotation fail. */
export function checkFunctionProps(scope: IConstruct, props: RotationFunctionProps): void {
  checkProps(scope, props, FIELDS);
  const { timeout, certificateAuthority, clusterEndpoint } = props;
  if (timeout && !timeout.isUnresolved()) {
    checkProps(scope, { timeout: timeout.toSeconds({ integral: false }) }, { timeout: TIMEOUT_SECONDS });
  }
  checkReadOnlySecrets(scope, props);
  for (const [index, key] of (props.secretKeys ?? []).entries()) {
    checkRegion(scope, ['secretKeys', index], key);
  }
  if (clusterEndpoint !== undefined) {
    checkEndpoint(scope, 'clusterEndpoint', clusterEndpoint, endpointRulesOf(props));
  }
  const rule =
    certificateAuthority === undefined || Token.isUnresolved(certificateAuthority)
      ? undefined
      : certificateProblem(certificateAuthority);
  if (rule !== undefined) {
    // The text may be a private key, so the message does not show it.
    refuseProp(scope, ['certificateAuthority'], undefined, rule);
  }
  checkPasswords(scope, props);
  checkOwnParts(scope, props);
  checkSecretSelection(scope, props);
}

/** @throws RotationPropsError if the secret or its key is in another region. */
export function checkSecretRegion(scope: IConstruct, secret: ISecret, encryptionKey: IKey | undefined): void {
  checkRegion(scope, ['secret'], secret);
  checkRegion(scope, ['encryptionKey'], encryptionKey);
}

/** @throws RotationPropsError for pins that the function could not use. */
export function checkPin(scope: IConstruct, target: SecretTarget, hasManager: boolean): void {
  const { name, needsManager } = definitionOf(target);
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

function checkPasswords(scope: IConstruct, props: RotationFunctionProps): void {
  const { passwordLength: length, passwordExcludeCharacters: excludeCharacters } = props;
  if (Token.isUnresolved(length) || Token.isUnresolved(excludeCharacters)) {
    return;
  }
  const rule = passwordProblem({
    ...(length !== undefined && { length }),
    ...(excludeCharacters !== undefined && { excludeCharacters }),
  });
  if (rule !== undefined) {
    refuseProp(scope, ['passwordExcludeCharacters'], excludeCharacters, rule);
  }
}

/** The props that say which secrets the function may rotate. */
function checkSecretSelection(scope: IConstruct, props: RotationFunctionProps): void {
  const { secretNamePrefix, secretAccounts = [], secretKeys = [] } = props;
  const hasPrefix = secretNamePrefix !== undefined;
  const refuse = (sentence: string): never => {
    throw new RotationPropsError(scope, sentence);
  };
  if (Token.isUnresolved(secretNamePrefix)) {
    refuse(
      'secretNamePrefix is unknown at synth, but synth compares the name of each secret with it. Write the prefix itself, such as milvus/.',
    );
  }
  // The function may change every secret under the prefix, and so the pins of each function.
  if (hasPrefix && (secretNamePrefix.startsWith(PINS_FOLDER) || PINS_FOLDER.startsWith(secretNamePrefix))) {
    refuse(
      `secretNamePrefix ${secretNamePrefix} covers ${PINS_FOLDER}, where each function reads to which endpoint and users its secrets are pinned. Choose a prefix that only the rotated secrets have.`,
    );
  }
  if (!hasPrefix && secretKeys.length > 0) {
    refuse(
      'secretKeys needs secretNamePrefix, because the keys encrypt the secrets under that prefix. Give secretNamePrefix too, or give each secret its key as encryptionKey.',
    );
  }
  if (hasPrefix && secretAccounts.length > 0) {
    refuse(
      'secretNamePrefix and secretAccounts cannot be given together, because a prefix covers only secrets of ' +
        "the function's account. Use another RotationFunction for the secrets of other accounts.",
    );
  }
}

function checkOwnParts(
  scope: IConstruct,
  { role, permissionsBoundary, environment = {} }: RotationFunctionProps,
): void {
  if (role && permissionsBoundary) {
    const rule = 'It applies to a new role only. Give the boundary to role, or omit role.';
    refuseProp(scope, ['permissionsBoundary'], undefined, rule);
  }
  const set = Object.keys(environment).find((name) => OWN_VARIABLES.includes(name));
  if (set !== undefined) {
    const rule = 'The construct sets this variable from its own props. Use them, and remove the variable here.';
    refuseProp(scope, ['environment', set], undefined, rule);
  }
}
