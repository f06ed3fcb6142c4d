import { unfinishedVersion } from '../../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../../aws/aws.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../../aws/map-concurrently.ts';
import { describeSecret } from '../../aws/place.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { type CommandRefusal, explainFault } from '../../outcome/failure.ts';
import { hasRotatedSince } from '../../select/conditions.ts';
import type { SelectedSecret, Selection } from '../../select/search.ts';
import { hasNewCredentials, refuseLeakOptions } from '../after-leak.ts';
import { type AlternatingUsers, alternatingUsersOf, checkSecret, type Ready } from '../check-secret.ts';
import type { RotateDocument } from '../json-schema.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { createRotatePorts, quotaPlace, type RotatePorts } from '../rotate-ports.ts';
import { explainRefusedValue, findCommonUsers } from './refusals.ts';

export interface PlannedSecret extends Ready {
  readonly aws: Aws;
  /** The two users that take turns. `undefined` for a single user. */
  readonly users: AlternatingUsers | undefined;
}

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
 * function still decides whether the minimum gap of two users has passed.
 */
export async function planRotations(
  { selected, skipped, unsearched, rotatedSince }: Selection,
  options: RotateCommandOptions,
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
  const commonUsers = findCommonUsers(
    candidates.flatMap(({ answer }) => (answer.kind === 'rotated-since' ? [] : [answer])),
  );
  const planned: PlannedSecret[] = [];
  const leftOut: FleetPlan['leftOut'] = [];
  for (const { secretId, aws, answer } of candidates) {
    const refusal = answer.kind === 'refused' ? answer : commonUsers.get(secretId);
    if (refusal !== undefined) {
      const { kind, ...reason } = refusal;
      leftOut.push({ secretId, ...reason });
    } else if (answer.kind === 'ready') {
      planned.push({ ...answer, aws, users: alternatingUsersOf(answer) });
    }
  }
  return {
    secrets: planned,
    leftOut: [...leftOut, ...skipped],
    unsearched,
    rotatedSince: rotatedSince + checked.filter(({ answer }) => answer.kind === 'rotated-since').length,
  };
}

async function check(
  selected: SelectedSecret,
  options: RotateCommandOptions,
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
