import { unfinishedVersion } from '../../../protocol/secret/versions.ts';
import type { Aws, LocatedSecret, RotatingSecret } from '../../aws/aws.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import { mapConcurrently } from '../../aws/map-concurrently.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { readStrategy } from '../../examine/read-strategy.ts';
import type { Explanation } from '../../outcome/failure.ts';
import { hasRotatedSince } from '../../select/conditions.ts';
import { mayMeetConditions, type SelectedSecret, type Selection } from '../../select/selection.ts';
import { date } from '../../terminal/time.ts';
import { refusalByDescription } from '../check-secret.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { quotaPlace, WRITES_PER_SECOND, writesOf } from '../rotate-ports.ts';

/** A selected secret that the command leaves out. */
export interface LeftOut extends Explanation {
  readonly secretId: string;
}

/** The secrets whose rotations use the quotas of one account and region. */
export interface PlacePlan {
  /** `123456789012 us-east-1` */
  readonly place: string;
  readonly secrets: readonly LocatedSecret[];
  readonly startsPerSecond: number;
  /** The time that the quotas need for all starts, in milliseconds. */
  readonly atLeastMs: number;
}

export interface Plan extends Pick<Selection, 'ofOtherProducts' | 'rotatedSince'> {
  readonly places: readonly PlacePlan[];
  readonly leftOut: readonly LeftOut[];
  /** Named secrets that do not meet a condition, with the reason. */
  readonly unselected: Selection['skipped'];
}

type PlanPorts = Pick<CommandPorts, 'clock' | 'interrupted'>;

/** How many secrets are read at a time. */
const READS_AT_A_TIME = 20;

/** Sorts the selected secrets by account and region, and leaves out those that cannot rotate. */
export async function planRotations(
  { selected, skipped, ofOtherProducts, rotatedSince }: Selection,
  options: RotateCommandOptions,
  ports: PlanPorts,
): Promise<Plan> {
  const checked = await mapConcurrently(selected, READS_AT_A_TIME, async (each) => await check(each, options, ports));
  const leftOut = checked.filter((each) => each.kind === 'left-out');
  // Two profiles of one account find the same secret.
  const planned = new Map(checked.flatMap((each) => (each.kind === 'planned' ? [[each.secret.arn, each]] : [])));
  const byPlace = Map.groupBy(planned.values(), ({ secret }) => quotaPlace(secret.rotationFunctionArn));
  return {
    places: [...byPlace].map(([place, secrets]) => placePlan(place, secrets, options.rate)),
    leftOut: [
      ...leftOut.map(({ kind, ...reason }) => reason),
      ...skipped.filter(mayMeetConditions).map(({ secretId, code, reason: message }) => {
        return { secretId, code, message, advice: 'Correct the condition, or name the secret.' };
      }),
    ],
    unselected: skipped.filter((secret) => !mayMeetConditions(secret)),
    ofOtherProducts,
    rotatedSince: rotatedSince + checked.filter(({ kind }) => kind === 'rotated-since').length,
  };
}

type Checked =
  | ({ readonly kind: 'planned' } & LocatedSecret)
  | ({ readonly kind: 'left-out' } & LeftOut)
  | { readonly kind: 'rotated-since' };

async function check(selected: SelectedSecret, options: RotateCommandOptions, ports: PlanPorts): Promise<Checked> {
  const { secretId, aws } = selected;
  try {
    const secret = await readSecret(selected, options, ports);
    const now = ports.clock.now();
    if (hasRotatedSince(secret, options, now)) {
      return { kind: 'rotated-since' };
    }
    const refusal = await reasonToLeaveOut(secret, aws, now);
    return refusal === undefined ? { kind: 'planned', secret, aws } : { ...refusal, kind: 'left-out', secretId };
  } catch (error) {
    return { kind: 'left-out', secretId, ...explainAwsError(error) };
  }
}

/** Secrets Manager sets the date of a rotation some time after AWSCURRENT has moved. */
const DATE_DELAY_MS = 5000;

/**
 * Reads a secret, unless the selection has read it. If its age decides whether it rotates again,
 * reads it in any case, because ListSecrets may show an old age, and until the age is certain.
 *
 * @throws AwsError
 */
async function readSecret(
  { secretId, secret, aws }: SelectedSecret,
  options: RotateCommandOptions,
  { clock, interrupted }: PlanPorts,
): Promise<RotatingSecret> {
  if (options.olderThan === undefined) {
    return secret ?? (await aws.rotation.describeSecret(secretId));
  }
  for (;;) {
    const read = await aws.rotation.describeSecret(secretId);
    const unchangedMs = Math.abs(clock.now() - (read.lastChangedAt ?? 0));
    const isCertain = unchangedMs >= DATE_DELAY_MS || hasRotatedSince(read, options, clock.now());
    if (isCertain || interrupted.aborted) {
      return read;
    }
    await clock.sleep(DATE_DELAY_MS - unchangedMs, interrupted);
  }
}

function placePlan(place: string, secrets: readonly LocatedSecret[], rate = Number.POSITIVE_INFINITY): PlacePlan {
  const writes = secrets.reduce((sum, { secret }) => sum + writesOf(secret), 0);
  const seconds = Math.max(writes / WRITES_PER_SECOND, secrets.length / rate);
  return { place, secrets, startsPerSecond: secrets.length / seconds, atLeastMs: seconds * 1000 };
}

async function reasonToLeaveOut(secret: RotatingSecret, aws: Aws, now: number): Promise<Explanation | undefined> {
  const refusal = refusalByDescription(secret);
  // The command follows a rotation that runs.
  return refusal === undefined && unfinishedVersion(secret) === undefined
    ? await explainTooRecent(secret, aws, now)
    : refusal;
}

/**
 * Why the function would refuse a rotation of two users that take turns. It counts the minimum gap
 * from the last rotation, or from a later value that a person stored. Only the last rotation is
 * known without a further call to AWS, so the function may still refuse.
 */
async function explainTooRecent(
  secret: RotatingSecret,
  aws: Pick<Aws, 'functionEnvironment'>,
  now: number,
): Promise<Explanation | undefined> {
  const { name, lastRotatedAt = Number.NEGATIVE_INFINITY } = secret;
  const { users, minimumGapMs = 0 } = await readStrategy(secret, undefined, aws);
  const possibleFrom = lastRotatedAt + minimumGapMs;
  return users.length < 2 || possibleFrom <= now
    ? undefined
    : {
        code: 'too-recent',
        message: `${users.join(' and ')} take turns in ${name}, and applications may still use the credential before the present one. The next rotation is possible from ${date(possibleFrom)}.`,
        advice: 'Repeat the command after this time.',
      };
}
