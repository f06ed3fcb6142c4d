import { freeLabels, sentLabels, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../aws/map-concurrently.ts';
import { describeSecret } from '../aws/place.ts';
import { labelsFull } from '../examine/label-room.ts';
import { comparedWithPins } from '../examine/pins.ts';
import { staleCopiesFinding } from '../examine/stale-copies.ts';
import { findSharedUsers, type UsersOfSecret, usersOfSecret } from '../examine/users-of-secret.ts';
import type { SharedExaminePorts } from '../examine-ports.ts';
import {
  type CommandRefusal,
  catchKnown,
  type Explanation,
  endIfInterrupted,
  explainFault,
  refused,
} from '../outcome/failure.ts';
import { explainedAt, type SelectedSecret, type Selection } from '../select/search.ts';
import { hasRotatedSince } from '../select/selection-options.ts';
import { hasNewCredentials, refuseLeakOptions } from './after-leak.ts';
import { type Checked, checkSecret } from './check-secret.ts';
import type { RotateDocument } from './json-schema.ts';
import type { RotateOptions } from './rotate-definition.ts';

type PlannedSecret = Checked & Pick<SelectedSecret, 'connection'>;

export interface RotationPlan extends Pick<Selection, 'unsearched'> {
  readonly secrets: readonly PlannedSecret[];
  /** The selected secrets that the command leaves out. */
  readonly leftOut: NonNullable<RotateDocument['plan']>['leftOut'];
  /** How many selected secrets have rotated since `--older-than`. */
  readonly rotatedSince: number;
}

/**
 * Leaves out the selected secrets that a rotation refuses for certain. Makes no login, so the
 * function still decides whether the minimum gap of two users has passed. Also leaves out secrets
 * that hold the same cluster user: a rotation of one changes the password, and the other keeps the
 * old one. Compares these secrets only. `status` and `doctor` search further.
 *
 * @throws FailureError after Ctrl-C
 */
export async function planRotations(
  { selected, skipped, unsearched }: Selection,
  options: RotateOptions,
  ports: SharedExaminePorts,
): Promise<RotationPlan> {
  const checked = await mapConcurrently(selected, MAX_CONCURRENT_READS, async (each) => {
    endIfInterrupted(ports);
    // One secret never hides another.
    const answer = await check(each, options, ports).catch(
      (error: unknown): CommandRefusal => ({ kind: 'refused', ...explainFault(error, each.secretId) }),
    );
    return { ...each, answer };
  });
  const leftOut: RotationPlan['leftOut'] = [];
  const leaveOut = ({ secretId, connection }: Omit<SelectedSecret, 'secret'>, reason: Explanation): void => {
    leftOut.push({ secretId, ...explainedAt(reason, connection) });
  };
  // By ARN, because a name and an ARN can mean the same secret.
  const planned = new Map<string, PlannedSecret>();
  for (const { answer, ...each } of checked) {
    if (answer.kind === 'checked') {
      planned.set(answer.secret.arn, { ...answer, connection: each.connection });
    } else if (answer.kind === 'refused') {
      const { kind, ...reason } = answer;
      leaveOut(each, reason);
    }
  }
  const explainShared = findSharedUsers([...planned.values()].map(usersIn));
  for (const [arn, secret] of planned) {
    const shared = explainShared(usersIn(secret));
    if (shared !== undefined) {
      planned.delete(arn);
      leaveOut(secret, { ...shared, advice: `Nothing was changed. ${shared.advice}` });
    }
  }
  return {
    secrets: [...planned.values()],
    leftOut: [...leftOut, ...skipped],
    unsearched,
    rotatedSince: checked.filter(({ answer }) => answer.kind === 'rotated-since').length,
  };
}

function usersIn({ secret, previous, strategy }: Checked): UsersOfSecret {
  return usersOfSecret(secret, previous.credentials, strategy);
}

async function check(
  selected: SelectedSecret,
  options: RotateOptions,
  ports: SharedExaminePorts,
): Promise<Checked | CommandRefusal | { readonly kind: 'rotated-since' }> {
  const now = ports.clock.now();
  // After a leak, the date does not tell which credentials a rotation has replaced.
  const olderThan = options.bothUsers || options.revokePrevious ? undefined : options.olderThan;
  const { secret: listed, secretId, aws } = selected;
  // ListSecrets may show an old age.
  const isEnough = options.olderThan === undefined || (listed && hasRotatedSince(listed, olderThan, now));
  const secret = listed && isEnough ? listed : await catchKnown(describeSecret(secretId, aws), AwsError);
  if (secret instanceof AwsError) {
    return { kind: 'refused', ...explainAwsError(secret) };
  }
  if (hasRotatedSince(secret, olderThan, now)) {
    return { kind: 'rotated-since' };
  }
  const answer = await checkSecret(selected, ports, secret);
  if (answer.kind === 'refused') {
    return answer;
  }
  const refusal = refuseLeakOptions(answer, options);
  if (refusal !== undefined) {
    return refusal;
  }
  if (await hasNewCredentials(answer, options, now)) {
    return { kind: 'rotated-since' };
  }
  // The command follows a rotation that runs.
  const isRunning = unfinishedVersion(secret) !== undefined;
  return (isRunning ? undefined : refuseByValue(answer)) ?? answer;
}

/**
 * Why createSecret would refuse AWSCURRENT for certain. Makes no login.
 *
 * @returns `undefined` if the rotation may succeed
 */
function refuseByValue({ secret, previous, strategy }: Checked): CommandRefusal | undefined {
  const { name } = secret;
  const notPinned = comparedWithPins('AWSCURRENT', previous, strategy);
  if (notPinned !== undefined) {
    return refused(
      notPinned.code,
      `${notPinned.message} Every rotation fails.`,
      `Nothing was changed. Find out what to do with \`zilliz-rotation status ${name}\`.`,
    );
  }
  // The function may remove sent labels, but no label of the owner.
  const missing = sentLabels(secret).length === 0 ? Math.max(0, 1 - freeLabels(secret)) : 0;
  const finding = staleCopiesFinding({ current: previous, secret, strategy }) ?? labelsFull(name, missing);
  return finding && refused(finding.code, finding.message, `Nothing was changed. ${finding.advice}`);
}
