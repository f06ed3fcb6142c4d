import type { SecretDescription } from '../secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../secret/versions.ts';
import type { FailureCode } from './failures.ts';

export type Preflight =
  | { kind: 'proceed' | 'already-current'; currentId: string }
  | { kind: 'refuse'; code: FailureCode; sentence: string };

/**
 * Whether a step may run, from the labels alone: the checks that AWS asks of every rotation
 * function. ASSUMPTION sm-steps
 * @see
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export function preflight(description: SecretDescription, token: string): Preflight {
  const version = description.versions.find(({ versionId }) => versionId === token);
  const currentId = holderOf(description, AWSCURRENT);
  if (!description.rotationEnabled) {
    return refuse('ROTATION_DISABLED', `Rotation is off for ${description.arn}.`);
  }
  if (version === undefined) {
    return refuse('TOKEN_UNKNOWN', `${description.arn} has no labelled version ${token}.`);
  }
  if (version.labels.includes(AWSCURRENT)) {
    return { kind: 'already-current', currentId: token };
  }
  if (!version.labels.includes(AWSPENDING)) {
    return refuse('TOKEN_NOT_PENDING', `Version ${token} of ${description.arn} does not carry AWSPENDING.`);
  }
  if (currentId === undefined) {
    return refuse('CURRENT_INVALID', `${description.arn} has no AWSCURRENT version.`);
  }
  return { kind: 'proceed', currentId };
}

function refuse(code: FailureCode, sentence: string): Preflight {
  return { kind: 'refuse', code, sentence };
}
