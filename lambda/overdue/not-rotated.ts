import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import {
  formatPattern,
  isOffOnPurpose,
  isRotated,
  OFF_ON_PURPOSE,
  type SecretPattern,
} from '../../protocol/secret/rotated-secrets.ts';
import type { ListedSecret } from './listed-secret.ts';
import { isWithinGrace, type Overdue, type OverdueRules } from './overdue.ts';

/** The secrets that the configuration gives to the rotation function. */
export interface ConfiguredSecrets {
  readonly functionArn: string;
  /** `ROTATED_SECRETS` of that function. Empty if the variable is absent. */
  readonly patterns: readonly SecretPattern[];
}

/**
 * The configured secrets that the function does not rotate, because the secret was deleted,
 * created again or given to another function. No date of theirs is ever compared. A folder names
 * every listed secret below it, except replicas. It may be empty: in an organisation, accounts
 * without secrets have a function. A deployment creates the schedule after a new secret.
 */
export function notRotatedAmong(
  secrets: readonly ListedSecret[],
  configured: ConfiguredSecrets,
  rules: OverdueRules,
): Overdue[] {
  return configured.patterns.flatMap((pattern) => {
    if (isInOtherAccount(pattern, configured.functionArn)) {
      return [];
    }
    const named = secrets.filter(({ arn }) => isRotated(arn, [pattern], configured.functionArn));
    if (named.length === 0 && !isFolder(pattern)) {
      return [verdictWithoutSecret(pattern)];
    }
    const expected = isFolder(pattern) ? named.filter(({ isReplica }) => !isReplica) : named;
    return expected
      .filter((secret) => secret.rotationFunctionArn !== configured.functionArn && !isOffOnPurpose(secret))
      .filter(({ created }) => !isWithinGrace(created, rules))
      .map((secret) => verdictOn(secret, pattern));
  });
}

/** Whether the function rotates the secret, or the configuration says that it does. */
export function concerns(
  { arn, rotationFunctionArn }: ListedSecret,
  { functionArn, patterns }: ConfiguredSecrets,
): boolean {
  return rotationFunctionArn === functionArn || isRotated(arn, patterns, functionArn);
}

/** The configured secrets of other accounts: ListSecrets lists one account only. */
export function notListable({ functionArn, patterns }: ConfiguredSecrets): string[] {
  return patterns.filter((pattern) => isInOtherAccount(pattern, functionArn)).map(formatPattern);
}

function isInOtherAccount({ account }: SecretPattern, functionArn: string): boolean {
  return account !== undefined && account !== accountAndRegionOf(functionArn).account;
}

function isFolder({ resource }: SecretPattern): boolean {
  return resource.endsWith('*');
}

function verdictWithoutSecret(pattern: SecretPattern): Overdue {
  return notRotated(
    nameIn(pattern),
    pattern,
    `the account has no secret ${pattern.resource}. If the secret was created again, its ARN has another end: correct the configuration and deploy it. Otherwise restore the secret, or remove it from the configuration.`,
  );
}

function verdictOn({ name, rotationFunctionArn = 'no function' }: ListedSecret, pattern: SecretPattern): Overdue {
  return notRotated(
    name,
    pattern,
    isFolder(pattern)
      ? `${rotationFunctionArn} rotates ${name}. Give ${name} this function (aws secretsmanager rotate-secret --rotation-lambda-arn --rotation-rules), create it again with a name outside of ${pattern.resource}, or tag it ${OFF_ON_PURPOSE.key}=${OFF_ON_PURPOSE.value}.`
      : `${rotationFunctionArn} rotates this secret. Give the secret this function again (aws secretsmanager rotate-secret --rotation-lambda-arn --rotation-rules), or remove it from the configuration.`,
  );
}

function notRotated(name: string, pattern: SecretPattern, reason: string): Overdue {
  const sentence = `The configuration of the function names ${nameIn(pattern)}, but ${reason}`;
  return { name, why: 'not-rotated-by-function', sentence };
}

/** The name of the secret, or the folder with its `*`. */
function nameIn(pattern: SecretPattern): string {
  return isFolder(pattern) ? pattern.resource : pattern.resource.slice(0, -'-??????'.length);
}
