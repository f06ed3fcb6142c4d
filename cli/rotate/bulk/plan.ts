import { unfinishedVersion } from '../../../protocol/secret/versions.ts';
import type { Aws, AwsConnection, LocatedSecret, RotatingSecret } from '../../aws/aws.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import type { Explanation } from '../../outcome/failure.ts';
import { mayMeetConditions, type Selection } from '../../select/selection.ts';
import { explainRefusal } from '../explain.ts';
import { quotaPlace, WRITES_PER_SECOND, writesOf } from '../quotas.ts';
import { refusalByDescription } from '../refusals.ts';
import type { RecordedStart } from './journal.ts';
import { explainTooRecent } from './too-recent.ts';

/** A secret that the command is going to rotate. */
export interface PlannedSecret extends LocatedSecret {
  readonly connection: AwsConnection;
  /** The rotation of an earlier run. */
  readonly recorded: RecordedStart | undefined;
}

/** A selected secret that the command leaves out. */
export interface LeftOut extends Explanation {
  readonly secretId: string;
}

/** The secrets whose rotations use the quotas of one account and region. */
export interface PlacePlan {
  /** `123456789012 us-east-1` */
  readonly place: string;
  readonly secrets: readonly PlannedSecret[];
  readonly startsPerSecond: number;
  /** The time that the quotas need for all starts, in milliseconds. */
  readonly atLeastMs: number;
}

export interface Plan {
  readonly places: readonly PlacePlan[];
  readonly leftOut: readonly LeftOut[];
  /** Named secrets that do not meet a condition, with the reason. */
  readonly unselected: Selection['skipped'];
  readonly ofOtherProducts: number;
}

export type Candidate = Omit<PlannedSecret, 'secret'> & {
  readonly secretId: string;
  readonly secret: RotatingSecret | undefined;
};

/** How many secrets are read at a time, if the selection has not read them. */
const READS_AT_A_TIME = 20;

/**
 * Sorts the selected secrets by account and region, and leaves out those that cannot rotate.
 *
 * @param rate of `--rate`
 * @param now milliseconds since the epoch
 */
export async function planRotations(
  candidates: readonly Candidate[],
  { skipped, ofOtherProducts }: Omit<Selection, 'selected'>,
  { rate, now }: { readonly rate: number | undefined; readonly now: number },
): Promise<Plan> {
  const planned = new Map<string, PlannedSecret>();
  const leftOut: LeftOut[] = [];
  const read = await readAll(candidates);
  for (const [index, candidate] of candidates.entries()) {
    const secret = read[index];
    if (secret === undefined || 'code' in secret) {
      leftOut.push({ secretId: candidate.secretId, ...(secret as Explanation) });
      continue;
    }
    const refusal = candidate.recorded === undefined ? await reasonToLeaveOut(secret, candidate.aws, now) : undefined;
    if (refusal !== undefined) {
      const { code, message, advice } = refusal;
      leftOut.push({ secretId: candidate.secretId, code, message, advice });
    } else if (!planned.has(secret.arn)) {
      // Two profiles of one account find the same secret.
      planned.set(secret.arn, { ...candidate, secret });
    }
  }
  const byPlace = Map.groupBy(planned.values(), ({ secret }) => quotaPlace(secret.rotationFunctionArn));
  return {
    places: [...byPlace].map(([place, secrets]) => placePlan(place, secrets, rate)),
    leftOut: [...leftOut, ...skipped.filter(mayMeetConditions).map(toLeftOut)],
    unselected: skipped.filter((secret) => !mayMeetConditions(secret)),
    ofOtherProducts,
  };
}

function placePlan(place: string, secrets: readonly PlannedSecret[], rate = Number.POSITIVE_INFINITY): PlacePlan {
  const writes = secrets.reduce((sum, { secret }) => sum + writesOf(secret), 0);
  const seconds = Math.max(writes / WRITES_PER_SECOND, secrets.length / rate);
  return { place, secrets, startsPerSecond: secrets.length / seconds, atLeastMs: seconds * 1000 };
}

async function reasonToLeaveOut(secret: RotatingSecret, aws: Aws, now: number): Promise<Explanation | undefined> {
  return (
    refusalByDescription(secret) ??
    (unfinishedVersion(secret) === undefined
      ? await explainTooRecent(secret, aws, now)
      : explainRefusal({ kind: 'refused', reason: 'previous-incomplete', answer: '' }, secret))
  );
}

function toLeftOut({ secretId, code, reason }: Selection['skipped'][number]): LeftOut {
  return { secretId, code, message: reason, advice: 'Correct the condition, or name the secret.' };
}

async function readAll(candidates: readonly Candidate[]): Promise<readonly (RotatingSecret | Explanation)[]> {
  const read: (RotatingSecret | Explanation)[] = [];
  const queue = candidates.entries();
  const readNext = async (): Promise<void> => {
    for (const [index, { secretId, secret, aws }] of queue) {
      try {
        read[index] = secret ?? (await aws.rotation.describeSecret(secretId));
      } catch (error) {
        read[index] = explainAwsError(error);
      }
    }
  };
  await Promise.all(Array.from({ length: READS_AT_A_TIME }, readNext));
  return read;
}
