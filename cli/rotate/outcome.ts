import { ExitCode } from '../exit-code.ts';
import type { Explained } from '../explained.ts';
import type { StepRun } from './story.ts';

/** What came of rotating one secret. */
export type RotateOutcome =
  | { kind: 'rotated'; user: string; endpoint: string; roles: readonly string[] }
  | ({ kind: 'refused' } & Explained)
  | ({ kind: 'failed'; step: string | undefined; retryable: boolean; inForce: string | undefined } & Explained)
  /** The time was up, or AWS could no longer be asked. */
  | ({ kind: 'running' } & Explained)
  | ({ kind: 'rejected' } & Explained)
  | ({ kind: 'unconfirmed' } & Explained)
  | ({ kind: 'interrupted'; at: 'not-started' | 'running' | 'promoted' } & Explained);

/** One secret's outcome and how it came to it. */
export interface RotateReport {
  /** As the operator named it. */
  readonly secretId: string;
  readonly arn: string | undefined;
  /** The new version; `undefined` when no rotation was started. */
  readonly versionId: string | undefined;
  /** The version that was AWSCURRENT before. */
  readonly previousVersionId: string | undefined;
  readonly durationMs: number;
  readonly steps: readonly StepRun[];
  /** What could not be watched, and the like. */
  readonly notes: readonly string[];
  readonly outcome: RotateOutcome;
}

const EXIT_CODES = {
  rotated: ExitCode.ok,
  refused: ExitCode.refused,
  failed: ExitCode.failed,
  running: ExitCode.running,
  rejected: ExitCode.rejected,
  unconfirmed: ExitCode.unconfirmed,
  interrupted: ExitCode.interrupted,
} as const satisfies Record<RotateOutcome['kind'], ExitCode>;

export function exitCodeOf(outcome: RotateOutcome): ExitCode {
  return EXIT_CODES[outcome.kind];
}
