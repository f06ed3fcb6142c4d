import { ExitCode } from '../exit-code.ts';
import type { Failure } from '../failure.ts';

export type RepairOutcome =
  | { readonly kind: 'in-order' }
  /** AWSCURRENT is this version, and the cluster has just accepted its password. */
  | { readonly kind: 'repaired'; readonly versionId: string }
  | Failure;

export function exitCodeOf({ kind }: RepairOutcome): ExitCode {
  return kind === 'in-order' || kind === 'repaired' ? ExitCode.ok : ExitCode[kind];
}
