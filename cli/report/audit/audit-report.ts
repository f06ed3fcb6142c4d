import type { Period, RotatingSecret } from '../../aws/aws.ts';
import type { PastRotation } from '../../past/past-rotation.ts';
import type { SourceNote } from '../../past/read-past.ts';

/** What the controls are evaluated with. */
export interface Parameters {
  readonly ownerTags: readonly string[];
  /** Days. `undefined`: any schedule passes. */
  readonly maxRotationFrequency: number | undefined;
  readonly unusedForDays: number;
  readonly maxDaysSinceRotation: number;
  /** `undefined`: any tag passes. */
  readonly requiredTags: readonly string[] | undefined;
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

export interface AuditSecret {
  readonly secret: RotatingSecret;
  /** Values of the owner tags, in the order of the option. `undefined`: no such tag. */
  readonly owners: readonly (string | undefined)[];
  /** The last rotation. AWS omits its date while rotation is off, so the sources may tell it. */
  readonly rotatedAt: number | undefined;
  /** Milliseconds since the last rotation, or since the creation. */
  readonly ageMs: number;
  /** The age at which the schedule must have rotated. `undefined`: rotation is off. */
  readonly allowedAgeMs: number | undefined;
  /** In the period, oldest first. */
  readonly rotations: readonly PastRotation[];
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
