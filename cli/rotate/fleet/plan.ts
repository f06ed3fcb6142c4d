import { freeLabels, sentLabels, unfinishedVersion } from '../../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../../aws/aws.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../../aws/map-concurrently.ts';
import { describeSecret } from '../../aws/place.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { labelsFull } from '../../examine/findings.ts';
import { comparedWithPins } from '../../examine/pins.ts';
import { staleCopiesFinding } from '../../examine/stale-copies.ts';
import { findSharedUsers, type UsersOfSecret, usersOfSecret } from '../../examine/users-of-secret.ts';
import { type CommandRefusal, explainFault, refused } from '../../outcome/failure.ts';
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
 */
export async function planRotations(
  { selected, skipped, unsearched, rotatedSince }: Selection,
  options: RotateOptions,
  ports: CommandPorts,
): Promise<FleetPlan> {
  const shared = createRotatePorts(options, ports);
  const checked = await mapConcurrently(selected, MAX_CONCURRENT_READS, async (each) => {
    // One secret never hides another.
    const answer = await check(each, options, { ...shared, aws: each.aws }).catch(
      (error: unknown): CommandRefusal => ({ kind: 'refused', ...explainFault(error, each.secretId) }),
    );
    return { ...each, answer };
  });
  // A name and an ARN can mean the same secret.
  const candidates = [
    ...new Map(checked.map((each) => [each.answer.kind === 'ready' ? each.answer.secret.arn : each, each])).values(),
  ];
  // A secret that was refused already does not count, because it does not rotate.
  const explainShared = findSharedUsers(
    candidates.flatMap(({ answer }) => (answer.kind === 'ready' ? [usersIn(answer)] : [])),
  );
  const planned: PlannedSecret[] = [];
  const leftOut: FleetPlan['leftOut'] = [];
  for (const { secretId, connection, answer } of candidates) {
    const shared = answer.kind === 'ready' ? explainShared(usersIn(answer)) : undefined;
    if (shared !== undefined) {
      const advice = `Nothing was changed. ${shared.advice}`;
      leftOut.push({ secretId, ...explainedAt({ ...shared, advice }, connection) });
    } else if (answer.kind === 'ready') {
      planned.push({ ...answer, connection });
    } else if (answer.kind === 'refused') {
      const { kind, ...reason } = answer;
      leftOut.push({ secretId, ...explainedAt(reason, connection) });
    }
  }
  return {
    secrets: planned,
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
  if (ports.interrupted.aborted) {
    // The caller reports the interruption, and does not show this plan.
    return { kind: 'rotated-since' };
  }
  let secret: RotatingSecret;
  try {
    // ListSecrets may show an old age.
    const listed = options.olderThan === undefined ? selected.secret : undefined;
    secret = listed ?? (await describeSecret(selected.secretId, ports.aws));
  } catch (error) {
    return { kind: 'refused', ...explainAwsError(error) };
  }
  if (hasRotatedSince(secret, options, ports.clock.now())) {
    return { kind: 'rotated-since' };
  }
  const answer = await checkSecret(selected.secretId, ports, secret);
  if (answer.kind === 'refused') {
    return answer;
  }
  const doesNotFit = refuseLeakOptions(answer, options);
  if (doesNotFit !== undefined) {
    return doesNotFit;
  }
  const isAfterLeak = options.bothUsers === true || options.revokePrevious === true;
  if (isAfterLeak && (await hasNewCredentials(answer, options, ports))) {
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
