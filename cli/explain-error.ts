import { SecretStoreError } from '../secret/store.ts';
import { AwsError } from './aws/aws-error.ts';
import type { Explained } from './explained.ts';

/** AWS's refusal to be asked, in the shape of an outcome. @throws whatever is no error of AWS's */
export function explainError(error: unknown): Explained {
  if (error instanceof AwsError) {
    return { code: error.kind, message: error.message, advice: error.advice };
  }
  if (error instanceof SecretStoreError) {
    return {
      code: error.code,
      message: error.message,
      advice: 'docs/cli.md lists the permissions that each command needs.',
    };
  }
  throw error;
}
