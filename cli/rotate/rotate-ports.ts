import { sentLabels } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import type { Pace } from '../aws/pace.ts';
import { placeText } from '../aws/place.ts';
import type { SharedExaminePorts } from '../examine-ports.ts';
import type { SelectedSecret } from '../select/search.ts';
import type { ShowProgress } from '../terminal/progress.ts';
import type { NotProven } from './outcome.ts';

/** What the rotation of one secret reads, writes or calls, beside AWS at its place. */
export interface RotatePorts extends SharedExaminePorts {
  /** The pace of the writes that rotations make in the account and region of the function. */
  readonly writes: Pace;
  /** The pace at which the log of the function may be read. */
  readonly logReads: Pace;
  /** Why no further rotation may start. `undefined` if a rotation may start. */
  readonly reasonToStop: (name: string) => NotProven | undefined;
  /**
   * Shows what happens, as a line. `undefined` if the rotation is one of a plan. Then the log is
   * read only for a slow rotation, because the quota of CloudWatch Logs is small.
   */
  readonly showProgress: ShowProgress | undefined;
}

/**
 * An account may make 50 PutSecretValue, UpdateSecret and UpdateSecretVersionStage calls a second
 * in a region, together. The function makes these calls, so its account counts. The command uses
 * 96 % of the quota. The other 4 % are for other callers, and for calls that come unevenly.
 */
export const WRITES_PER_SECOND: number = 50 * 0.96;

/** PutSecretValue of createSecret, and UpdateSecretVersionStage of AWSCURRENT. */
const WRITES_OF_EACH_ROTATION = 2;

/** How many calls of {@link WRITES_PER_SECOND} the next rotation makes, at most. */
export function writesOf(secret: RotatingSecret): number {
  // finishSecret removes the labels of older passwords, each with one call.
  return WRITES_OF_EACH_ROTATION + sentLabels(secret).length;
}

/**
 * The secrets whose rotations use the same quotas, by account and region: those of the function.
 * The place of a secret that was not read yet is empty.
 */
export function byPlace<Secret extends SelectedSecret>(
  secrets: readonly Secret[],
): ReadonlyMap<string, readonly Secret[]> {
  return Map.groupBy(secrets, ({ secret }) =>
    secret === undefined ? '' : placeText(secret.rotationFunctionArn ?? ''),
  );
}
