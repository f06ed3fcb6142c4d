import { ExitCode } from '../exit-code.ts';
import type { Explained } from '../explained.ts';

/** What came of a repair. */
export type RepairOutcome =
  | { kind: 'in-order' }
  /** AWSCURRENT is on this version, which has just logged in. */
  | { kind: 'repaired'; versionId: string }
  | ({ kind: 'refused' } & Explained)
  | ({ kind: 'failed' } & Explained)
  | ({ kind: 'unconfirmed' } & Explained)
  | ({ kind: 'interrupted' } & Explained);

const EXIT_CODES = {
  'in-order': ExitCode.ok,
  repaired: ExitCode.ok,
  refused: ExitCode.refused,
  failed: ExitCode.failed,
  unconfirmed: ExitCode.unconfirmed,
  interrupted: ExitCode.interrupted,
} as const satisfies Record<RepairOutcome['kind'], ExitCode>;

export function exitCodeOf(outcome: RepairOutcome): ExitCode {
  return EXIT_CODES[outcome.kind];
}
