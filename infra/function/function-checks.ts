import { Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import type { SecretTarget } from '../../protocol/secret/rotated-secrets.ts';
import { RotationPropsError } from '../errors.ts';
import {
  ARCHITECTURE,
  duration,
  KMS_KEY,
  KMS_KEYS,
  MANAGED_POLICY,
  mapOf,
  REMOVAL_POLICY,
  SCOPE,
  SECRET,
  SECURITY_GROUPS,
  SUBNETS,
  VPC,
} from '../rules/cdk-fields.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { type FieldsOf, text } from '../rules/fields.ts';
import { FUNCTION_FIELDS, passwordProblem } from '../rules/function-settings.ts';
import { ENDPOINT, TAGS, TIMEOUT_SECONDS, USERNAME, USERNAMES } from '../rules/shared-fields.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { isBelow, nameOf } from './secret-identity.ts';

/** One field for each prop. */
export const FUNCTION_PROPS: FieldsOf<RotationFunctionProps> = {
  ...FUNCTION_FIELDS,
  certificateAuthority: z.string({ error: 'Give the text of a PEM file.' }).exactOptional(),
  timeout: duration('Duration.seconds(60)').exactOptional(),
  logRetention: z
    .enum(RetentionDays, { error: 'Give a member of RetentionDays, such as RetentionDays.THREE_MONTHS.' })
    .exactOptional(),
  logEncryptionKey: KMS_KEY.exactOptional(),
  logRemovalPolicy: REMOVAL_POLICY.exactOptional(),
  vpc: VPC.exactOptional(),
  vpcSubnets: SUBNETS.exactOptional(),
  securityGroups: SECURITY_GROUPS.exactOptional(),
  adminSecret: SECRET.exactOptional(),
  secretKeys: KMS_KEYS.exactOptional(),
  secretAccounts: z
    .array(text(/^\d{12}$/, 'Write the 12 digits of an account.'), { error: 'Write a list of accounts.' })
    .exactOptional(),
  permissionsBoundary: MANAGED_POLICY.exactOptional(),
  architecture: ARCHITECTURE.exactOptional(),
  tags: TAGS.exactOptional(),
};

const TARGET: Readonly<Record<keyof SecretTarget, z.ZodType>> = {
  endpoint: ENDPOINT.optional(),
  username: USERNAME.optional(),
  usernames: USERNAMES.optional(),
};

type Argument = 'scope' | 'secret' | 'encryptionKey' | 'target' | 'endpoint' | 'name';

/** The arguments of the methods of a rotation function. */
const ARGUMENTS: Readonly<Record<Argument, z.ZodType>> = {
  scope: SCOPE,
  secret: SECRET,
  encryptionKey: KMS_KEY.exactOptional(),
  target: mapOf(TARGET, 'what the secret is pinned to, such as { endpoint, username }'),
  endpoint: ENDPOINT,
  name: z.string({ error: 'Give the name of a secret.' }).exactOptional(),
};

/** @throws RotationPropsError for arguments that the compiler refuses, but JavaScript does not. */
export function checkArguments(scope: IConstruct, given: { readonly [Name in Argument]?: unknown }): void {
  const fields = Object.entries(ARGUMENTS).filter(([name]) => name in given);
  new CheckedProps(scope).props(given, Object.fromEntries(fields));
}

/** @throws RotationPropsError if the function cannot use the secret or the key. */
export function checkSecret(scope: IConstruct, secret: ISecret, encryptionKey: IKey | undefined): void {
  checkArguments(scope, { secret, encryptionKey });
  const checked = new CheckedProps(scope);
  checked.region(['secret'], secret);
  checked.region(['encryptionKey'], encryptionKey);
}

/** @throws RotationPropsError for props that AWS accepts but that make every rotation fail. */
export function checkFunctionProps(scope: IConstruct, props: RotationFunctionProps): void {
  const checked = new CheckedProps(scope);
  checked.props(props, FUNCTION_PROPS);
  checked.region(['adminSecret'], props.adminSecret);
  checked.region(['logEncryptionKey'], props.logEncryptionKey);
  for (const [index, key] of (props.secretKeys ?? []).entries()) {
    checked.region(['secretKeys', index], key);
  }
  const {
    timeout,
    allowedEndpoints: allowed,
    allowPlaintext = false,
    passwordLength,
    passwordExcludeCharacters,
  } = props;
  checked.prop(
    'timeout',
    timeout?.isUnresolved() ? undefined : timeout?.toSeconds({ integral: false }),
    TIMEOUT_SECONDS,
  );
  checked.endpoint('clusterEndpoint', props.clusterEndpoint, { ...(allowed && { allowed }), allowPlaintext });
  checked.certificateAuthority('certificateAuthority', props.certificateAuthority);
  const isUnknown = Token.isUnresolved(passwordLength) || Token.isUnresolved(passwordExcludeCharacters);
  const problem = isUnknown ? undefined : passwordProblem(props);
  if (problem !== undefined) {
    throw new RotationPropsError(scope, problem);
  }
  checkSecretSelection(scope, props);
}

/** The props that say which secrets the function may rotate. */
function checkSecretSelection(scope: IConstruct, props: RotationFunctionProps): void {
  const { secretNamePrefix, secretAccounts = [], secretKeys = [], adminSecret } = props;
  if (Token.isUnresolved(secretNamePrefix)) {
    throw new RotationPropsError(
      scope,
      'secretNamePrefix is unknown at synth, but synth compares the name of each secret with it. Write the prefix itself, such as milvus/.',
    );
  }
  if (secretNamePrefix !== undefined && adminSecret && isBelow(secretNamePrefix, adminSecret, scope)) {
    throw new RotationPropsError(
      scope,
      `The admin secret ${nameOf(adminSecret)} is below secretNamePrefix ${secretNamePrefix}, so the role of the function could change it. Give an admin secret outside ${secretNamePrefix}, or another prefix.`,
    );
  }
  if (secretNamePrefix === undefined && secretKeys.length > 0) {
    throw new RotationPropsError(
      scope,
      'secretKeys needs secretNamePrefix, because the keys encrypt the secrets under that prefix. Give secretNamePrefix too, or give each secret its key as encryptionKey.',
    );
  }
  if (Token.isUnresolved(secretAccounts) || secretAccounts.some((account) => Token.isUnresolved(account))) {
    throw new RotationPropsError(
      scope,
      'An account in secretAccounts is unknown at synth, but its number is part of a logical id. Write the 12 digits of the account.',
    );
  }
  const duplicate = secretAccounts.find((account, index) => secretAccounts.indexOf(account) !== index);
  if (duplicate !== undefined) {
    throw new RotationPropsError(scope, `secretAccounts names ${duplicate} twice. Name each account once.`);
  }
  if (secretNamePrefix !== undefined && secretAccounts.length > 0) {
    throw new RotationPropsError(
      scope,
      "secretNamePrefix and secretAccounts cannot be given together, because a prefix covers only secrets of the function's account. Use another RotationFunction for the secrets of other accounts.",
    );
  }
}
