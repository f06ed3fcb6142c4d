import { ControlPlaneError } from '../keys/control-plane.ts';
import { SecretStoreError } from '../secret/secret-store.ts';
import type { Candidate } from '../secret/versions.ts';
import { ADVICE, type FailureCode, isRetryable } from './failures.ts';
import type { Step } from './rotation-request.ts';

/** The version whose password was accepted when a step failed. */
export type AcceptedVersion = Candidate['stage'] | 'none of the stored' | 'not known';

/**
 * The only error class that a step throws. It has no cause, because Lambda's runtime logs every
 * property of an error.
 */
export class RotationError extends Error {
  override readonly name = 'RotationError' as const;
  readonly code: FailureCode;
  readonly retryable: boolean;
  readonly advice: string;
  readonly accepted: AcceptedVersion;
  /** The step that failed. Set when the error leaves the step. */
  step: Step | undefined;

  constructor(code: FailureCode, sentence: string, accepted: AcceptedVersion = 'not known') {
    super(`${code}: ${sentence}`);
    this.code = code;
    this.retryable = isRetryable(code);
    this.advice = ADVICE[code];
    this.accepted = accepted;
  }
}

const STORE_FAILURES = {
  unavailable: 'SECRETS_MANAGER_UNAVAILABLE',
  denied: 'SECRETS_MANAGER_DENIED',
  refused: 'SECRETS_MANAGER_REFUSED',
} as const;

const CONTROL_PLANE_FAILURES = {
  unavailable: 'CONTROL_PLANE_UNAVAILABLE',
  rejected: 'MANAGER_REJECTED',
  forbidden: 'MANAGER_REJECTED',
  refused: 'KEY_REFUSED',
} as const;

/** The error of a step that something else has ended. */
export function toRotationError(cause: unknown): RotationError {
  if (cause instanceof RotationError) {
    return cause;
  }
  if (cause instanceof SecretStoreError) {
    return new RotationError(STORE_FAILURES[cause.kind], cause.message);
  }
  if (cause instanceof ControlPlaneError) {
    return new RotationError(CONTROL_PLANE_FAILURES[cause.kind], cause.message);
  }
  // The message of an unknown error may quote a secret, so only its class and the first line of its
  // stack are told.
  const at = cause instanceof Error ? cause.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return new RotationError(
    'UNEXPECTED',
    `${cause instanceof Error ? cause.name : typeof cause}${at === undefined ? '' : at.replace(/^\s+/, ' ')}`,
  );
}
