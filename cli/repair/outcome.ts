import { ExitCode } from '../exit-code.ts';
import type { Explanation } from '../explanation.ts';

export type RepairFailure = { readonly kind: 'refused' | 'failed' | 'unconfirmed' | 'interrupted' } & Explanation;

export type RepairOutcome =
  | { readonly kind: 'in-order' }
  /** AWSCURRENT is this version, and the cluster has just accepted its password. */
  | { readonly kind: 'repaired'; readonly versionId: string }
  | RepairFailure;

/** Advice after the cluster rejected the login of an admin. */
export const MAY_REJECT_EVERY_LOGIN =
  'If the cluster is new, or its proxies cannot reach the root coordinator, it rejects every login: wait and repeat the command. Otherwise correct the admin secret.';

export function exitCodeOf({ kind }: RepairOutcome): ExitCode {
  return kind === 'in-order' || kind === 'repaired' ? ExitCode.ok : ExitCode[kind];
}

export function failed(code: string, message: string, advice: string): RepairFailure {
  return { kind: 'failed', code, message, advice };
}
