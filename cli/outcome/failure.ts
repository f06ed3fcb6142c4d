/** Why a command did not reach its goal for a secret. */
export interface Explanation {
  /** For scripts: `previous-incomplete`, or the error code of the rotation function. */
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

export type CommandRefusal = { readonly kind: 'refused' } & Explanation;

/** Why a command did not change a secret as asked. */
export type Failure = CommandRefusal | ({ readonly kind: 'failed' | 'unconfirmed' | 'interrupted' } & Explanation);

export function interruptedBeforeChange(): Failure {
  return {
    kind: 'interrupted',
    code: 'interrupted',
    message: 'The command was interrupted.',
    advice: 'Nothing was changed.',
  };
}

export function refused(code: string, message: string, advice: string): CommandRefusal {
  return { kind: 'refused', code, message, advice };
}

export function unconfirmed(code: string, message: string, advice: string): Failure {
  return { kind: 'unconfirmed', code, message, advice };
}

export function failed(code: string, message: string, advice: string): Failure {
  return { kind: 'failed', code, message, advice };
}

/** Ends a command. */
export class FailureError extends Error {
  override readonly name = 'FailureError' as const;
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Arguments that contradict each other, or that name nothing. The message says what was wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError' as const;
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/** @throws FailureError */
export function endWith(failure: Failure): never {
  throw new FailureError(failure);
}

/** @throws FailureError after Ctrl-C, before any change */
export function endIfInterrupted({ interrupted }: { readonly interrupted: AbortSignal }): void {
  if (interrupted.aborted) {
    endWith(interruptedBeforeChange());
  }
}

/** Ends the command before any change. @throws FailureError */
export function refuse(code: string, message: string, whatToDo: string): never {
  endWith(refused(code, message, `Nothing was changed. ${whatToDo}`));
}

/** @throws FailureError if the answer is a failure */
export function orEnd<T extends object | undefined>(answer: T | Failure): T {
  return answer !== undefined && 'code' in answer ? endWith(answer) : answer;
}

/**
 * Returns an error that the caller expects instead of throwing it.
 *
 * @throws every error of another class
 */
export async function catchKnown<T, E extends Error>(
  value: Promise<T>,
  expected: abstract new (...args: never[]) => E,
): Promise<T | E> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof expected) {
      return error;
    }
    throw error;
  }
}

const MAX_LISTED = 5;

/** At most {@link MAX_LISTED} texts with commas, and the number of the others. */
export function truncatedList(texts: readonly string[]): string {
  const others = texts.length - MAX_LISTED;
  return `${texts.slice(0, MAX_LISTED).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

/**
 * Names the kind and the place of an error, without its message, which can quote a secret.
 *
 * @param secretId the secret that the command worked on. Default: not known
 */
export function explainFault(error: unknown, secretId = '--all'): Explanation {
  const place = error instanceof Error ? /\n\s+at .*/.exec(error.stack ?? '')?.[0].trim() : undefined;
  const kind = error instanceof Error ? error.name : typeof error;
  return {
    code: 'unexpected',
    message: `unexpected ${kind}${place === undefined ? '' : ` ${place}`}. This is a fault of zilliz-rotation. What runs in AWS continues.`,
    advice: `Report this line to its maintainers. See the state with \`zilliz-rotation status ${secretId}\`.`,
  };
}
