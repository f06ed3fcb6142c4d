import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { Aws } from '../aws/aws.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace, VERSION_LISTS_PER_SECOND } from '../aws/pace.ts';
import { readPlace } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import { type ExaminationResult, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import type { Finding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { rotationFindings } from '../examine/rotation-findings.ts';
import { findSharedUsers, othersWithUser } from '../examine/shared-users.ts';
import { explainSameUser, usersOfSecret } from '../examine/users-of-secret.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { explainFault } from '../outcome/explain-fault.ts';
import type { SelectedSecret } from '../select/selection.ts';
import { runTask } from '../terminal/run-task.ts';
import { tryOtherVersions } from './other-versions.ts';
import type { StatusOptions } from './status-definition.ts';

export interface StatusEntry {
  readonly result: ExaminationResult;
  readonly findings: readonly Finding[];
  /** The account and the region in use. Set if the secret could not be examined. */
  readonly place?: string | undefined;
}

/** Examines the secrets, in each account and region below AWS's quotas, and shows the progress. */
export async function examineAll(
  selected: readonly SelectedSecret[],
  shared: Omit<ExaminePorts, 'aws'>,
  options: StatusOptions,
  ports: CommandPorts,
): Promise<readonly StatusEntry[]> {
  const paceOf = memoize((_aws: Aws) => createPace(ports.clock, VERSION_LISTS_PER_SECOND, ports.interrupted));
  const placeIn = memoize(readPlace);
  let ended = 0;
  const progress = (): string => `${ended} of ${selected.length} secrets examined`;
  const examine = async ({ secretId, aws }: SelectedSecret): Promise<StatusEntry> => {
    const own = { ...shared, aws, waitToList: async () => await paceOf(aws).wait() };
    // One secret never hides another.
    const result = await examineWithLogins(secretId, isDetailed(selected), own).catch(
      (error: unknown): ExaminationResult => ({ kind: 'refused', secretId, ...explainFault(error, secretId) }),
    );
    ended += 1;
    const findings = findingsIn(result, ports.clock.now());
    return result.kind === 'examined' ? { result, findings } : { result, findings, place: await placeIn(aws) };
  };
  const [first] = selected;
  const isSingle = selected.length === 1 && first !== undefined;
  return await runTask(
    {
      ...(isSingle
        ? { title: first.secretId, doing: 'reading the secret, and logging in with its stored passwords' }
        : { title: 'status', progress }),
      run: async () => withSameUsers(await mapConcurrently(selected, AT_A_TIME, examine)),
    },
    options,
    ports,
  );
}

/** A pipeline learns that a rotation is overdue or off also if it may not read the value. */
function findingsIn(result: ExaminationResult, now: number): readonly Finding[] {
  if (result.kind === 'examined') {
    return findingsOf(result, now);
  }
  const { secret } = result;
  return secret === undefined
    ? []
    : rotationFindings({ secret, functionState: 'unknown', lastFailure: undefined }, now);
}

function withSameUsers(entries: readonly StatusEntry[]): readonly StatusEntry[] {
  const usersIn = ({ result }: StatusEntry) =>
    result.kind === 'examined' && result.current !== undefined
      ? usersOfSecret(result.secret, result.current.credentials, result.strategy)
      : undefined;
  const shared = findSharedUsers(entries.map(usersIn).filter((users) => users !== undefined));
  return entries.map((entry) => {
    const users = usersIn(entry);
    const found = users && explainSameUser(users.name, users.endpoint, othersWithUser(shared, users));
    return found === undefined ? entry : { ...entry, findings: [{ severity: 'problem', ...found }, ...entry.findings] };
  });
}

const AT_A_TIME = 10;

const MAX_DETAILED = 3;

export function isDetailed({ length }: readonly unknown[]): boolean {
  return length <= MAX_DETAILED;
}

async function examineWithLogins(secretId: string, detailed: boolean, ports: ExaminePorts): Promise<ExaminationResult> {
  const result = await examineSecret(secretId, ports);
  if (!detailed || result.kind !== 'examined') {
    return result;
  }
  const withOthers = await catchKnown(tryOtherVersions(result, ports), SecretStoreError);
  return withOthers instanceof SecretStoreError ? result : withOthers;
}

export function codesOf({ result, findings }: StatusEntry): readonly string[] {
  return [...(result.kind === 'refused' ? [result] : []), ...findings].map(({ code }) => code);
}
