import { SecretStoreError } from '../secret/store.ts';
import { AwsError } from './aws/aws-error.ts';

/** Why a command did not reach its goal for a secret. */
export interface Explanation {
  /** For scripts: `previous-incomplete`, or the error code of the rotation function. */
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly advice: string;
}

/** @throws every error that does not come from AWS */
export function explainAwsError(error: unknown): Explanation {
  if (error instanceof AwsError) {
    return { code: error.kind, message: error.message, advice: error.advice };
  }
  if (error instanceof SecretStoreError) {
    return {
      code: error.code,
      message: error.message,
      advice:
        error.code === 'LimitExceededException'
          ? 'Remove a staging label of your own from the secret, then repeat the command.'
          : 'docs/cli.md lists the permissions that each command needs.',
    };
  }
  throw error;
}
