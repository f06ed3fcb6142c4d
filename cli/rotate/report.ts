import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import type { Explanation } from '../outcome/failure.ts';

/** Shows what happens during the rotation of one secret, as a line. */
export type ShowProgress = (line: string) => void;

export interface Rotated {
  readonly kind: 'rotated';
  /** The login that proves the rotation. */
  readonly login: { readonly user: Omit<Credentials, 'password'>; readonly roles: readonly string[] };
}

/** Why a secret did not rotate, or why the command cannot prove that it did. */
export interface NotProven extends Explanation {
  /**
   * `refused`: no rotation started. `failed`: a step failed, or the labels show that the rotation
   * ended without a new AWSCURRENT. `running`: still running at the time limit, or the command
   * could no longer ask AWS. `unexpected`: a fault of the command, so a rotation may run.
   */
  readonly kind: 'refused' | 'failed' | 'running' | 'rejected' | 'unconfirmed' | 'interrupted' | 'unexpected';
  readonly step?: string;
  /** Absent if no rotation failed. */
  readonly retryable?: boolean;
  readonly inForce?: string | undefined;
}

export type RotateOutcome = Rotated | NotProven;

export function exitCodeOf({ kind }: RotateOutcome): ExitCode {
  return kind === 'rotated' ? ExitCode.ok : ExitCode[kind];
}

/** The function has tested a new credential whose login the command could not confirm. */
export function isComplete({ kind }: RotateOutcome): boolean {
  return kind === 'rotated' || kind === 'unconfirmed';
}

export interface RotateReport {
  /** The name or ARN on the command line. */
  readonly secretId: string;
  readonly arn?: string | undefined;
  /** The new version. Absent if no rotation started. */
  readonly versionId?: string | undefined;
  /** The version that was AWSCURRENT before. */
  readonly previousVersionId?: string | undefined;
  readonly durationMs: number;
  readonly notes: readonly string[];
  readonly outcome: RotateOutcome;
}

/** The report of a secret for which the command did not call RotateSecret. */
export function reportOfNoRotation(secretId: string, outcome: RotateOutcome): RotateReport {
  return { secretId, durationMs: 0, notes: [], outcome };
}
