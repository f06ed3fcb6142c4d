import type { ControlPlaneError } from '../keys/control-plane.ts';
import { ADVICE, type FailureCode, isRetryable } from './failures.ts';
import type { Step } from './rotation-request.ts';

/** The version whose password was accepted when the step failed. */
export type AcceptedVersion = 'pending' | 'current' | 'previous' | 'stranded' | 'none of the stored' | 'not known';

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

const CONTROL_PLANE_FAILURES = {
  unavailable: 'CONTROL_PLANE_UNAVAILABLE',
  rejected: 'MANAGER_REJECTED',
  forbidden: 'MANAGER_REJECTED',
  refused: 'KEY_REFUSED',
} as const;

/** The error of a step, after the control plane gave no usable answer or refused. */
export function controlPlaneFailure({ kind, message }: ControlPlaneError): RotationError {
  return new RotationError(CONTROL_PLANE_FAILURES[kind], message);
}
