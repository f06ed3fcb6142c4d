import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { Explanation, Failure } from '../outcome/failure.ts';
import { FailureError } from '../outcome/failure-error.ts';
import { ASK_FOR_PERMISSION, AwsError } from './aws-error.ts';

/** @throws every error that does not come from AWS */
export function explainAwsError(error: unknown): Explanation {
  if (error instanceof AwsError) {
    return { code: error.kind, message: error.message, advice: error.advice };
  }
  if (error instanceof SecretStoreError) {
    return {
      code: error.code,
      message: error.message,
      advice: adviceOn(error),
    };
  }
  throw error;
}

/**
 * @param kind unless the error is a {@link FailureError}
 * @throws every error that does not come from AWS
 */
export function failureOf(error: unknown, kind: 'refused' | 'failed'): Failure {
  return error instanceof FailureError ? error.failure : { kind, ...explainAwsError(error) };
}

function adviceOn({ kind, code }: SecretStoreError): string {
  switch (kind) {
    case 'denied':
      return ASK_FOR_PERMISSION;
    case 'unavailable':
      return 'Check the network, then repeat the command.';
    case 'refused':
      return code === 'LimitExceededException'
        ? 'Remove a staging label of your own from the secret, then repeat the command.'
        : 'Remove the cause that AWS names, then repeat the command.';
  }
}
