import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace, VERSION_LISTS_PER_SECOND } from '../aws/pace.ts';
import { readPlace } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import { type ExaminationResult, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import type { Finding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { rotationFindings } from '../examine/rotation-findings.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { explainFault } from '../outcome/explain-fault.ts';
import type { SelectedSecret } from '../select/selection.ts';
import { runTask, runTasks, type Task } from '../terminal/run-task.ts';
import { tryOtherVersions } from './other-versions.ts';
import type { StatusOptions } from './status-definition.ts';

/** One secret, and what is wrong with it. */
export interface StatusEntry {
  readonly result: ExaminationResult;
  readonly findings: readonly Finding[];
  /** The account and the region in use. Set if the secret could not be examined. */
  readonly place?: string | undefined;
}

/** For more secrets, one line with the count replaces a line for each secret. */
const MAX_SHOWN = 20;

/** Examines the secrets, in each account and region below AWS's quotas, and shows the progress. */
export async function examineAll(
  selected: readonly SelectedSecret[],
  shared: Omit<ExaminePorts, 'aws'>,
  options: StatusOptions,
  ports: CommandPorts,
): Promise<readonly StatusEntry[]> {
  const paceOf = memoize((_aws: Aws) => createPace(ports.clock, VERSION_LISTS_PER_SECOND, ports.interrupted));
  const placeIn = memoize(readPlace);
  const examine = async ({ secretId, aws }: SelectedSecret): Promise<StatusEntry> => {
    const own = { ...shared, aws, waitToList: async () => await paceOf(aws).wait() };
    // One secret never hides another.
    const result = await examineWithLogins(secretId, isDetailed(selected, options), own).catch(
      (error: unknown): ExaminationResult => ({ kind: 'refused', secretId, ...explainFault(error, secretId) }),
    );
    const now = ports.clock.now();
    return result.kind === 'examined'
      ? { result, findings: findingsOf(result, now) }
      : { result, findings: findingsWithoutValue(result.secret, now), place: await placeIn(aws) };
  };
  if (selected.length > MAX_SHOWN) {
    return await runTask(examineMany(selected, examine, options.concurrency), options, ports);
  }
  const tasks = selected.map(
    (secret): Task<StatusEntry> => ({
      title: secret.secretId,
      doing: 'reading the secret, and logging in with its stored passwords',
      run: async () => await examine(secret),
      succeeded: isFine,
      summarize: summaryOf,
    }),
  );
  return await runTasks(tasks, options, ports);
}

/** A pipeline learns that a rotation is overdue or off also if it may not read the value. */
function findingsWithoutValue(secret: RotatingSecret | undefined, now: number): readonly Finding[] {
  return secret === undefined
    ? []
    : rotationFindings({ secret, functionState: 'unknown', lastFailure: undefined }, now);
}

const MAX_DETAILED = 3;

/** Whether to show each version of each secret. */
export function isDetailed({ length }: readonly unknown[], { format }: Pick<StatusOptions, 'format'>): boolean {
  return (format ?? (length > MAX_DETAILED ? 'table' : 'details')) === 'details';
}

async function examineWithLogins(secretId: string, detailed: boolean, ports: ExaminePorts): Promise<ExaminationResult> {
  const result = await examineSecret(secretId, ports);
  if (!detailed || result.kind !== 'examined') {
    return result;
  }
  const withOthers = await catchKnown(tryOtherVersions(result, ports), SecretStoreError);
  return withOthers instanceof SecretStoreError ? result : withOthers;
}

function examineMany(
  selected: readonly SelectedSecret[],
  examine: (secret: SelectedSecret) => Promise<StatusEntry>,
  concurrency: number,
): Task<readonly StatusEntry[]> {
  let ended = 0;
  const progress = (): string => `${ended} of ${selected.length} secrets examined`;
  const examineNext = async (secret: SelectedSecret): Promise<StatusEntry> => {
    const entry = await examine(secret);
    ended += 1;
    return entry;
  };
  return {
    title: 'status',
    progress,
    run: async () => await mapConcurrently(selected, concurrency, examineNext),
    succeeded: (entries) => entries.every(isFine),
    summarize: progress,
  };
}

function isFine({ result, findings }: StatusEntry): boolean {
  return result.kind === 'examined' && findings.every(({ severity }) => severity === 'notice');
}

function summaryOf(entry: StatusEntry): string {
  const { result, findings } = entry;
  if (result.kind === 'refused') {
    return result.code;
  }
  return isFine(entry) ? 'examined' : `examined: ${findings.map(({ code }) => code).join(', ')}`;
}
