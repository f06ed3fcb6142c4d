import { type Failure, refused } from './failure.ts';

/** Ends a command. */
export class FailureError extends Error {
  override readonly name = 'FailureError' as const;
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** @throws FailureError */
export function endWith(failure: Failure): never {
  throw new FailureError(failure);
}

/** Ends the command before any change. @throws FailureError */
export function refuse(code: string, message: string, whatToDo: string): never {
  endWith(refused(code, message, `Nothing was changed. ${whatToDo}`));
}

/** @throws FailureError if the answer is a failure */
export function orEnd<T extends object | undefined>(answer: T | Failure): T {
  return answer !== undefined && 'code' in answer ? endWith(answer) : answer;
}
