import type { Aws, RotatingSecret } from '../aws/aws.ts';
import type { SkippedSecret, UnsearchedPlace } from '../json-schema-parts.ts';

export interface SelectedSecret {
  /** Name or ARN as given, or the ARN of a secret that was found. */
  readonly secretId: string;
  readonly aws: Aws;
  /** `undefined` if somebody named the secret, so that it was not read yet. */
  readonly secret: RotatingSecret | undefined;
}

export interface Selection {
  readonly selected: readonly SelectedSecret[];
  readonly skipped: SkippedSecret[];
  /** The places that could not be searched. The other places were. */
  readonly unsearched: UnsearchedPlace[];
  /** How many found secrets meet every condition but `--older-than`. */
  readonly rotatedSince: number;
}

export const NOTHING_SELECTED: Selection = { selected: [], skipped: [], unsearched: [], rotatedSince: 0 };

export function joinSelections(parts: readonly Selection[]): Selection {
  return {
    selected: parts.flatMap(({ selected }) => selected),
    skipped: parts.flatMap(({ skipped }) => skipped),
    unsearched: parts.flatMap(({ unsearched }) => unsearched),
    rotatedSince: parts.reduce((sum, { rotatedSince }) => sum + rotatedSince, 0),
  };
}
