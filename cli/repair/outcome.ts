import { ExitCode } from '../exit-code.ts';
import type { Explanation } from '../explanation.ts';

export type RepairFailure = { readonly kind: 'refused' | 'failed' | 'unconfirmed' | 'interrupted' } & Explanation;

export type RepairOutcome =
  | { readonly kind: 'in-order' }
  /** AWSCURRENT is this version, and the cluster has just accepted its password. */
  | { readonly kind: 'repaired'; readonly versionId: string }
  | RepairFailure;

export function exitCodeOf({ kind }: RepairOutcome): ExitCode {
  return kind === 'in-order' || kind === 'repaired' ? ExitCode.ok : ExitCode[kind];
}

export function failed(code: string, message: string, advice: string): RepairFailure {
  return { kind: 'failed', code, message, advice };
}
