import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import type { Target } from './target.ts';
import type { CreatedCredential, VerifyPorts } from './temporary-credential.ts';

/**
 * - `undecided`: the check was asked for, and something prevented it. Another run may decide it.
 * - `not checked`: the check was not asked for, or there is none.
 */
export type Verdict = 'holds' | 'differs' | 'undecided' | 'not checked';

/** What a check has seen. `seen` has codes, numbers and times, and no name or text of a service. */
export interface Observation {
  readonly verdict: Verdict;
  readonly seen: string;
}

export function holdsIf(isTrue: boolean, seen: string): Observation {
  return { verdict: isTrue ? 'holds' : 'differs', seen };
}

/** Something prevents a check. The message names no secret, host or account. */
export class UndecidedError extends Error {
  override readonly name = 'UndecidedError' as const;
}

/** What a check needs: an option or a setting, or a version that an earlier check leaves. */
export type Need = 'user' | 'admin' | 'rest' | 'keys' | 'defaultAddress' | 'slow' | 'rotatedId' | 'failedId';

export interface Check {
  /** Ids of the register that one observation decides. */
  readonly covers: readonly string[];
  readonly needs: readonly Need[];
  readonly run: (rotation: TemporaryRotation) => Promise<Observation>;
}

/** @throws UndecidedError */
export function given<T>(needed: T | undefined, reason = 'The check lacks what it needs.'): T {
  if (needed === undefined) {
    throw new UndecidedError(reason);
  }
  return needed;
}

/** @throws UndecidedError */
export function requireStarted(start: RotationStart): void {
  if (start.kind === 'refused') {
    throw new UndecidedError(`RotateSecret is refused (${start.reason}).`);
  }
}

/** @param covers with spaces between the ids */
export function check(covers: string, needs: Check['needs'], run: Check['run']): Check {
  return { covers: covers.split(' '), needs, run };
}

/** The state that the checks share. Each check leaves it usable for the next one. */
export interface TemporaryRotation extends Target, VerifyPorts, CreatedCredential {
  readonly secret: Pick<RotatingSecret, 'arn' | 'name'>;
  readonly store: SecretStore;
  /** When the rotation began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The version of the completed rotation. */
  rotatedId?: string | undefined;
  /** The date that Secrets Manager shows since then. */
  rotatedAt?: number | undefined;
  /** The version of the rotation that failed on purpose. */
  failedId?: string | undefined;
}
