import type { Period } from '../../aws/aws.ts';
import type { SourceNote } from '../../past/read-past.ts';
import type { ExaminedSecret } from './examined-secret.ts';

/** What the controls are evaluated with. */
export interface Parameters {
  readonly ownerTags: readonly string[];
  /** Days. `undefined`: any schedule passes. */
  readonly maxRotationFrequency?: number | undefined;
  readonly unusedForDays: number;
  readonly maxDaysSinceRotation: number;
  /** `undefined`: any tag passes. */
  readonly requiredTags?: readonly string[] | undefined;
}

export interface Exception {
  readonly code:
    | 'rotation-off'
    | 'never-rotated'
    | 'overdue'
    | 'failed'
    | 'incomplete'
    | 'marked-for-deletion'
    | 'no-owner';
  readonly reason: string;
}

export interface ControlResult {
  readonly result: 'passed' | 'failed' | 'not-evaluated';
  /** Why a secret fails, or why it is not evaluated. Empty if it passes. */
  readonly reason: string;
}

export interface AuditSecret extends ExaminedSecret {
  /** Values of the owner tags, in the order of the option. `undefined`: no such tag. */
  readonly owners: readonly (string | undefined)[];
  readonly exceptions: readonly Exception[];
  /** In the order of {@link AuditReport.controls}. */
  readonly controls: readonly ControlResult[];
}

/** A control, for all secrets. */
export interface Control {
  readonly id: string;
  readonly title: string;
  /** The rule of AWS Config, or the sentence that this report evaluates. */
  readonly rule: string;
  readonly parameter: string;
  /** What a result does not prove. */
  readonly limit: string;
}

export interface AuditReport {
  /** The version of this command. */
  readonly version: string;
  readonly generatedAt: number;
  readonly period: Period;
  readonly parameters: Parameters;
  readonly controls: readonly Control[];
  readonly secrets: readonly AuditSecret[];
  /** Secrets that were selected and could not be read, or that were left out of the selection. */
  readonly unreadable: readonly { readonly secretId: string; readonly reason: string }[];
  readonly notes: readonly SourceNote[];
}
