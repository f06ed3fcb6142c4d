import { freeLabels, sentLabels, unfinishedVersion } from '../../../protocol/secret/versions.ts';
import { AwsError } from '../../aws/aws-error.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../../aws/map-concurrently.ts';
import { describeSecret } from '../../aws/place.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { labelsFull } from '../../examine/findings.ts';
import { comparedWithPins } from '../../examine/pins.ts';
import { staleCopiesFinding } from '../../examine/stale-copies.ts';
import { findSharedUsers, type UsersOfSecret, usersOfSecret } from '../../examine/users-of-secret.ts';
import { catchKnown } from '../../outcome/catch-known.ts';
import {
  type CommandRefusal,
  type Explanation,
  endIfInterrupted,
  explainFault,
  refused,
} from '../../outcome/failure.ts';
import { hasRotatedSince } from '../../select/conditions.ts';
import { explainedAt, type SelectedSecret, type Selection } from '../../select/search.ts';
import { hasNewCredentials, refuseLeakOptions } from '../after-leak.ts';
import { checkSecret, type Ready } from '../check-secret.ts';
import type { RotateDocument } from '../json-schema.ts';
import type { RotateOptions } from '../rotate-definition.ts';
import { createRotatePorts, quotaPlace, type RotatePorts } from '../rotate-ports.ts';

type PlannedSecret = Ready & Pick<SelectedSecret, 'connection'>;

export interface FleetPlan extends Pick<Selection, 'unsearched' | 'rotatedSince'> {
  readonly secrets: readonly PlannedSecret[];
  /** The selected secrets that the command leaves out. */
  readonly leftOut: NonNullable<RotateDocument['plan']>['leftOut'];
}

/** The secrets whose rotations use the same quotas, by account and region. */
export function byPlace(secrets: readonly PlannedSecret[]): ReadonlyMap<string, readonly PlannedSecret[]> {
  return Map.groupBy(secrets, ({ secret }) => quotaPlace(secret));
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
  { selected, skipped, unsearched, rotatedSince }: Selection,
  options: RotateOptions,
  ports: CommandPorts,
): Promise<FleetPlan> {
  const shared = createRotatePorts(options, ports);
  const checked = await mapConcurrently(selected, MAX_CONCURRENT_READS, async (each) => {
    endIfInterrupted(ports);
    // One secret never hides another.
    const answer = await check(each, options, { ...shared, aws: each.aws }).catch(
      (error: unknown): CommandRefusal => ({ kind: 'refused', ...explainFault(error, each.secretId) }),
    );
    return { ...each, answer };
  });
  const leftOut: FleetPlan['leftOut'] = [];
  const leaveOut = ({ secretId, connection }: Omit<SelectedSecret, 'secret'>, reason: Explanation): void => {
    leftOut.push({ secretId, ...explainedAt(reason, connection) });
  };
  // By ARN, because a name and an ARN can mean the same secret.
  const planned = new Map<string, PlannedSecret>();
  for (const { answer, ...selected } of checked) {
    if (answer.kind === 'ready') {
      planned.set(answer.secret.arn, { ...answer, connection: selected.connection });
    } else if (answer.kind === 'refused') {
      const { kind, ...reason } = answer;
      leaveOut(selected, reason);
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
    rotatedSince: rotatedSince + checked.filter(({ answer }) => answer.kind === 'rotated-since').length,
  };
}

function usersIn({ secret, previous, strategy }: Ready): UsersOfSecret {
  return usersOfSecret(secret, previous.credentials, strategy);
}

async function check(
  selected: SelectedSecret,
  options: RotateOptions,
  ports: RotatePorts,
): Promise<Ready | CommandRefusal | { readonly kind: 'rotated-since' }> {
  // ListSecrets may show an old age.
  const listed = options.olderThan === undefined ? selected.secret : undefined;
  const secret = listed ?? (await catchKnown(describeSecret(selected.secretId, ports.aws), AwsError));
  if (secret instanceof AwsError) {
    return { kind: 'refused', ...explainAwsError(secret) };
  }
  if (hasRotatedSince(secret, options, ports.clock.now())) {
    return { kind: 'rotated-since' };
  }
  const answer = await checkSecret(selected.secretId, ports, secret);
  if (answer.kind === 'refused') {
    return answer;
  }
  const refusal = refuseLeakOptions(answer, options);
  if (refusal !== undefined) {
    return refusal;
  }
  if (await hasNewCredentials(answer, options, ports)) {
    return { kind: 'rotated-since' };
  }
  // The command follows a rotation that runs.
  const isRunning = unfinishedVersion(secret) !== undefined;
  return (isRunning ? undefined : explainRefusedValue(answer)) ?? answer;
}

/**
 * Why createSecret would refuse AWSCURRENT for certain. Makes no login.
 *
 * @returns `undefined` if the rotation may succeed
 */
function explainRefusedValue({ secret, previous, strategy }: Ready): CommandRefusal | undefined {
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
