import { logIn } from '../../protocol/cluster/login.ts';
import { mayReplace } from '../../protocol/credential/stored-credential.ts';
import { usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { type ListedVersion, SecretStoreError } from '../../protocol/secret/secret-store.ts';
import type { Aws, AwsConnection } from '../aws/aws.ts';
import { MAX_CONCURRENT, mapConcurrently } from '../aws/map-concurrently.ts';
import { memoize } from '../aws/memoize.ts';
import { createPace, VERSION_LISTS_PER_SECOND } from '../aws/pace.ts';
import { toLoginPorts } from '../cluster/login-with-check.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Examination } from '../examine/examination.ts';
import { EXAMINING, type ExaminationResult, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import { SAID_ELSEWHERE } from '../examine/find-same-user.ts';
import type { Finding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { findSharedUsers, usersOfSecret } from '../examine/users-of-secret.ts';
import type { SharedExaminePorts } from '../examine-ports.ts';
import { catchKnown, explainFault, interruptedBeforeChange } from '../outcome/failure.ts';
import { explainedAt, type SelectedSecret } from '../select/search.ts';
import { createProgressWriter, showAtIntervals } from '../terminal/progress.ts';
import type { StatusOptions } from './status-definition.ts';

export interface StatusEntry {
  /** The ARN, if secrets in several accounts or regions have one name. */
  readonly name: string;
  readonly connection: AwsConnection;
  readonly result: ExaminationResult;
  readonly findings: readonly Finding[];
}

/** Examines the secrets, in each account and region below AWS's quotas, and shows the progress. */
export async function examineAll(
  selected: readonly SelectedSecret[],
  shared: SharedExaminePorts,
  options: StatusOptions,
  ports: CommandPorts,
): Promise<readonly StatusEntry[]> {
  const paceOf = memoize((_aws: Aws) => createPace(ports.clock, VERSION_LISTS_PER_SECOND, ports.interrupted));
  const isUnique = new Set(selected.map(({ secret, secretId }) => secret?.name ?? secretId)).size === selected.length;
  let ended = 0;
  const progress = (): string => `${ended} of ${selected.length} secrets examined`;
  const examineUnlessInterrupted = async (selectedSecret: SelectedSecret): Promise<ExaminationResult> => {
    const { secretId, secret, aws } = selectedSecret;
    if (ports.interrupted.aborted) {
      return { ...interruptedBeforeChange(), kind: 'refused', secretId, secret };
    }
    const own = { ...shared, aws, waitToList: async () => await paceOf(aws).wait() };
    // One secret never hides another.
    const result = await examineWithLogins(secretId, isDetailed(selected), own).catch(
      (error: unknown): ExaminationResult => ({ kind: 'refused', secretId, ...explainFault(error, secretId) }),
    );
    ended += 1;
    return result;
  };
  const examine = async (selectedSecret: SelectedSecret): Promise<Examined> => {
    const { secretId, connection } = selectedSecret;
    const result = await examineUnlessInterrupted(selectedSecret);
    const name = isUnique ? (result.secret?.name ?? secretId) : secretId;
    return { name, connection, result };
  };
  const examineEach = async () =>
    withFindings(await mapConcurrently(selected, MAX_CONCURRENT, examine), ports.clock.now()).map(withPlaces);
  const [first] = selected;
  if (selected.length === 1 && first !== undefined) {
    createProgressWriter(first.secretId, options, ports)(EXAMINING);
    return await examineEach();
  }
  return await showAtIntervals(progress, createProgressWriter('status', options, ports), ports, examineEach);
}

type Examined = Omit<StatusEntry, 'findings'>;

function withFindings(examined: readonly Examined[], now: number): readonly StatusEntry[] {
  const usersIn = ({ result }: Examined) =>
    result.kind === 'examined' && result.current !== undefined
      ? usersOfSecret(result.secret, result.current.credentials, result.strategy)
      : undefined;
  const users = examined.map(usersIn).filter((each) => each !== undefined);
  const explain = findSharedUsers(users, isDetailed(examined));
  const compared = users.map(({ name }) => name);
  return examined.map((each) => {
    const own = usersIn(each);
    const shared = own && explain(own);
    const { result } = each;
    if (shared === undefined || result.kind === 'refused') {
      return { ...each, findings: findingsOf(result, now) };
    }
    // The comparison does not name a secret that this command does not show.
    const isSaid = result.sameUser.others.every((name) => compared.includes(name));
    const findings = findingsOf(isSaid ? { ...result, sameUser: SAID_ELSEWHERE } : result, now);
    return { ...each, findings: [{ severity: 'problem', ...shared }, ...findings] };
  });
}

function withPlaces(entry: StatusEntry): StatusEntry {
  const { connection, result, findings } = entry;
  return {
    ...entry,
    result: result.kind === 'refused' ? explainedAt(result, connection) : result,
    findings: findings.map((finding) => explainedAt(finding, connection)),
  };
}

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

/** A secret can have a hundred versions without a label. The JSON document lists all of them. */
const UNLABELLED_SHOWN = 5;

/** The versions with a label, and the newest of the others. */
export function shownVersions<V extends Pick<ListedVersion, 'labels'>>(versions: readonly V[]): readonly V[] {
  const hidden = versions.filter(({ labels }) => labels.length === 0).slice(UNLABELLED_SHOWN);
  return versions.filter((version) => !hidden.includes(version));
}

/**
 * Logs in with the shown versions that the search for the accepted password did not need. Only a
 * login proves that the cluster refuses an older password of the users.
 *
 * @throws SecretStoreError
 */
async function tryOtherVersions(examination: Examination, ports: ExaminePorts): Promise<Examination> {
  const { current, search, strategy, versions, read } = examination;
  if (search.kind !== 'found' || current === undefined) {
    return examination;
  }
  const { endpoint, username } = current.credentials;
  const usernames = [username, ...usersOf(strategy.pins)];
  const tried = new Map(examination.tried);
  for (const { versionId } of shownVersions(versions)) {
    // The search for the other user skips the versions of the current one.
    const { login: earlier = 'skipped' } = tried.get(versionId) ?? {};
    const stored = ports.interrupted.aborted || earlier !== 'skipped' ? undefined : await read(versionId);
    const credentials = stored?.kind === 'usable' ? stored.credentials : undefined;
    const isOurs =
      credentials?.endpoint.url === endpoint.url &&
      (usernames.includes(credentials.username) || mayReplace(credentials, current.credentials));
    if (credentials !== undefined && isOurs) {
      const login = await logIn(toLoginPorts(ports), credentials);
      if (login.kind !== 'undecided') {
        tried.set(versionId, { login: login.kind, why: undefined, credentials });
      }
    }
  }
  return { ...examination, tried };
}
