import type { Change } from './cluster.ts';

export type Refusal = Extract<Change, { kind: 'refused' }>['reason'];

/** A refusal after which the request has certainly changed nothing. */
export interface ClearRefusal {
  readonly reason: Exclude<Refusal, 'unclear'>;
  readonly answer: string;
}

/** @returns undefined if the password may have changed, or may still change */
export function clearRefusal(change: Change): ClearRefusal | undefined {
  return change.kind === 'refused' && change.reason !== 'unclear'
    ? { reason: change.reason, answer: change.answer }
    : undefined;
}

/**
 * How logins prove a requested change of a password. After a clear refusal, one login is enough.
 * After any other answer, the new password is waited for, because the change may still arrive or
 * reach more proxies. ASSUMPTION milvus-broadcast
 */
export function proofOf(change: Change): 'once' | 'until accepted' {
  return clearRefusal(change) === undefined ? 'until accepted' : 'once';
}

/** A status of Milvus that is no success. The same codes and texts come over gRPC and REST. */
export interface MilvusStatus {
  /** Milvus's older error code, over gRPC only. */
  readonly name?: string;
  readonly code: number;
  readonly reason: string;
}

/** ASSUMPTION milvus-old-password */
const WRONG_OLD_PASSWORD = 1400;
/** ASSUMPTION milvus-password-length */
const INVALID_PARAMETER = 1100;

/** Classifies an answer of Milvus itself. */
export function classifyRefusal({ name, code, reason }: MilvusStatus): Refusal {
  if (code === WRONG_OLD_PASSWORD) {
    return 'old-password';
  }
  // Since 2.6.6, Milvus checks that the user exists before an admin resets its password.
  // ASSUMPTION milvus-super-user
  if (/user not found/.test(reason)) {
    return 'unknown-user';
  }
  if (code === INVALID_PARAMETER || name === 'IllegalArgument' || /bcrypt: password length/.test(reason)) {
    return refusedParameter(reason);
  }
  return isNotPrimary(reason) ? 'not-primary' : 'unclear';
}

/** Milvus has no code for this refusal. ASSUMPTION milvus-not-primary */
export function isNotPrimary(reason: string): boolean {
  return /cluster is not primary/.test(reason);
}

/** Decides by the parameter that the text names first, because it may mention the other one too. */
export function refusedParameter(reason: string): Refusal {
  const [parameter] = /user ?name|password/i.exec(reason) ?? [];
  if (parameter === undefined) {
    return 'unclear';
  }
  return parameter.toLowerCase() === 'password' ? 'new-password' : 'unknown-user';
}
