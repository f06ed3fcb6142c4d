import type { Aws, RotatingSecret } from '../aws/aws.ts';
import type { Explanation } from '../outcome/failure.ts';

export interface SelectedSecret {
  /** Name or ARN as given, or the ARN of a secret that was found. */
  readonly secretId: string;
  /** AWS in the account and region of the secret. */
  readonly aws: Aws;
  /** `undefined` if the secret was not read, because there was no condition to check. */
  readonly secret: RotatingSecret | undefined;
}

/** A named secret that does not meet a condition, or a secret that may meet the conditions. */
export interface SkippedSecret {
  readonly secretId: string;
  /**
   * `rotated-since`: the secret is younger than `--older-than`.
   * `unknown-owner`: it is not known whether a function of this product rotates the secret.
   * `unknown-cluster`: it is not known to which cluster the secret belongs.
   */
  readonly code: 'unmet-condition' | 'rotated-since' | 'unknown-owner' | 'unknown-cluster';
  readonly reason: string;
}

/** A secret that may meet the conditions, so that the command does not know its state. */
export function mayMeetConditions({ code }: SkippedSecret): boolean {
  return code === 'unknown-owner' || code === 'unknown-cluster';
}

/** An account and region whose secrets AWS does not list. */
export interface UnsearchedPlace extends Explanation {
  /** As the options name it: `profile ops, us-east-1`. */
  readonly place: string;
}

export interface Selection {
  readonly selected: readonly SelectedSecret[];
  readonly skipped: readonly SkippedSecret[];
  /** The places that could not be searched. The other places were. */
  readonly unsearched: readonly UnsearchedPlace[];
  /** How many found secrets meet the conditions, and a function of another product rotates. */
  readonly ofOtherProducts: number;
  /** How many found secrets meet every condition but `--older-than`. */
  readonly rotatedSince: number;
}

export const NOTHING_SELECTED: Selection = {
  selected: [],
  skipped: [],
  unsearched: [],
  ofOtherProducts: 0,
  rotatedSince: 0,
};

export function joinSelections(parts: readonly Selection[]): Selection {
  return {
    ...NOTHING_SELECTED,
    selected: parts.flatMap(({ selected }) => selected),
    skipped: parts.flatMap(({ skipped }) => skipped),
    unsearched: parts.flatMap(({ unsearched }) => unsearched),
    ofOtherProducts: parts.reduce((sum, { ofOtherProducts }) => sum + ofOtherProducts, 0),
  };
}
