import { SecretStoreError } from '../secret/store.ts';
import { type Advice, advise } from './advice.ts';
import { ASK_FOR_PERMISSION, AwsError } from './aws/aws-error.ts';

/** Why a command did not reach its goal for a secret. */
export interface Explanation {
  /** For scripts: `previous-incomplete`, or the error code of the rotation function. */
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly advice: Advice;
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
      advice: adviceOn(error),
    };
  }
  throw error;
}

function adviceOn({ kind, code }: SecretStoreError): Advice {
  switch (kind) {
    case 'denied':
      return ASK_FOR_PERMISSION;
    case 'unavailable':
      return advise`Check the network, then repeat the command.`;
    case 'refused':
      return code === 'LimitExceededException'
        ? advise`Remove a staging label of your own from the secret, then repeat the command.`
        : advise`Remove the cause that AWS names, then repeat the command.`;
  }
}
