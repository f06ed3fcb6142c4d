/** `unknown`: the check could not be made, so nothing is known. */
export type CheckStatus = 'pass' | 'warning' | 'fail' | 'unknown';

export interface CheckResult {
  /** For scripts: `tls`. */
  readonly check: string;
  readonly status: CheckStatus;
  readonly reason: string;
  /** A command or an action that helps. `undefined` if nothing is to be done. */
  readonly fix: string | undefined;
  /** Who made the check: this command, or the rotation function when it last ran. */
  readonly madeBy: 'command' | 'function';
}

/** A {@link CheckResult} without the name of the check. */
export type Answer = Omit<CheckResult, 'check'>;

/** One answer, or one for each part of the check. */
export type Answers = Answer | readonly Answer[];

export function pass(reason: string): Answer {
  return { status: 'pass', reason, fix: undefined, madeBy: 'command' };
}

export function warning(reason: string, fix: string): Answer {
  return { status: 'warning', reason, fix, madeBy: 'command' };
}

export function fail(reason: string, fix: string): Answer {
  return { status: 'fail', reason, fix, madeBy: 'command' };
}

export function unknown(reason: string, fix?: string): Answer {
  return { status: 'unknown', reason, fix, madeBy: 'command' };
}

export function byFunction(result: Answer): Answer {
  return { ...result, madeBy: 'function' };
}
