import { type FunctionPlace, formatPattern, isRotated, type SecretPattern } from '../../secret/rotated-secrets.ts';
import { isOffOnPurpose, type ListedSecret } from './listed-secret.ts';
import type { Overdue } from './overdue.ts';

/** The secrets that the configuration gives to the rotation function. */
export interface ConfiguredSecrets {
  readonly functionArn: string;
  /** `ROTATED_SECRETS` of that function. Empty if the variable is absent. */
  readonly patterns: readonly SecretPattern[];
}

/**
 * The configured secrets that the function does not rotate, because the secret was deleted,
 * created again or given to another function. ListSecrets shows none of them as a secret of the
 * function, so no date of theirs is ever compared.
 */
export function notRotatedAmong(secrets: readonly ListedSecret[], configured: ConfiguredSecrets): Overdue[] {
  const place = placeOf(configured);
  return configured.patterns.flatMap((pattern) => {
    const named = secrets.filter(({ arn }) => isRotated(arn, [pattern], place));
    const isRotatedOrOff = named.some(
      (secret) => secret.rotationFunctionArn === configured.functionArn || isOffOnPurpose(secret),
    );
    return isRotatedOrOff || isInOtherAccount(pattern, place) ? [] : [verdictOn(pattern, named[0])];
  });
}

/** Whether the function rotates the secret, or the configuration says that it does. */
export function concerns({ arn, rotationFunctionArn }: ListedSecret, configured: ConfiguredSecrets): boolean {
  return rotationFunctionArn === configured.functionArn || isRotated(arn, configured.patterns, placeOf(configured));
}

/**
 * The configured secrets that the check cannot list, because ListSecrets lists one account only.
 */
export function notListable(configured: ConfiguredSecrets): string[] {
  return configured.patterns.filter((pattern) => isInOtherAccount(pattern, placeOf(configured))).map(formatPattern);
}

function isInOtherAccount({ account }: SecretPattern, place: FunctionPlace): boolean {
  return account !== undefined && account !== place.account;
}

function verdictOn({ resource }: SecretPattern, secret: ListedSecret | undefined): Overdue {
  const why = 'not-rotated-by-function';
  const verdict = (name: string, sentence: string): Overdue => ({
    name,
    why,
    sentence: `The configuration of the function names ${name}, but ${sentence}`,
  });
  if (resource.endsWith('*')) {
    return verdict(
      resource,
      'the function rotates no secret there. Deploy the stacks of the secrets, or remove the alarms.',
    );
  }
  const name = resource.slice(0, -'-??????'.length);
  return secret === undefined
    ? verdict(
        name,
        `the account has no secret ${resource}. If the secret was created again, its ARN has another end: correct the configuration and deploy it. Otherwise restore the secret, or remove it from the configuration.`,
      )
    : verdict(
        name,
        `${secret.rotationFunctionArn ?? 'no function'} rotates this secret. Give the secret this function again (aws secretsmanager rotate-secret --rotation-lambda-arn), or remove it from the configuration.`,
      );
}

function placeOf({ functionArn }: ConfiguredSecrets): FunctionPlace {
  const [, , , region = '', account = ''] = functionArn.split(':');
  return { account, region };
}
