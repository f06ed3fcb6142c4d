import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { readCurrent } from '../../protocol/credential/read-version.ts';
import type { EndpointOptions, UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { usersOf } from '../../protocol/secret/rotated-secrets.ts';
import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { memoize } from '../aws/memoize.ts';
import { describeSecret } from '../aws/place.ts';
import type { CommandLoginPorts } from '../cluster/login-with-check.ts';
import type { CommandPorts } from '../command-ports.ts';
import { commandForm } from '../credential-forms.ts';
import type { Explanation } from '../outcome/failure.ts';
import type { Examination } from './examination.ts';
import { type FindSameUser, NOT_SEARCHED } from './find-same-user.ts';
import { readFunctionState } from './function-state.ts';
import { type ManagerPorts, readKeys } from './keys.ts';
import { readLabelRoom } from './label-room.ts';
import type { ReadLastAttempt } from './last-attempt.ts';
import { findAlternatives, findOtherUser } from './other-users.ts';
import { judgeCurrent } from './pins.ts';
import { endpointsFor, readStrategy, strategyOfValue, type Usernames } from './read-strategy.ts';
import { listVersions, withSearches } from './search-versions.ts';
import { usersOfSecret } from './users-of-secret.ts';

export type ExaminationResult =
  | Examination
  /** `secret`: its description, if AWS refused a later request. */
  | ({ kind: 'refused'; secretId: string; secret?: RotatingSecret | undefined } & Explanation);

/** Everything that the examination of secrets reads or calls. */
export interface ExaminePorts extends CommandPorts, CommandLoginPorts {
  readonly aws: Aws;
  readonly endpoints: EndpointOptions;
  /** PEM of `--ca-file`. */
  readonly privateCa: string | undefined;
  readonly usernames?: Usernames | undefined;
  readonly findSameUser: FindSameUser;
  /** `undefined`: the control plane of API keys is not asked. */
  readonly manager?: ManagerPorts | undefined;
  /** `undefined`: the log of the function is not read. */
  readonly readLastAttempt?: ReadLastAttempt;
  /** Waits until the quota of ListSecretVersionIds has room, if many secrets are examined. */
  readonly waitToList?: () => Promise<void>;
}

/** A line of progress. */
export const EXAMINING = 'reading the secret, and logging in with its stored credentials';

/** How often a secret is examined whose labels move meanwhile. */
const MAX_EXAMINATIONS = 3;

/**
 * Reads the secret and logs in to its cluster. Changes nothing. If the cluster accepts no password
 * and a label has moved meanwhile, examines the secret again, because a rotation may be running.
 */
export async function examineSecret(secretId: string, ports: ExaminePorts): Promise<ExaminationResult> {
  let secret: RotatingSecret | undefined;
  try {
    for (let count = 1; ; count += 1) {
      secret = await describeSecret(secretId, ports.aws);
      const examination = await examineDescribed(secretId, secret, ports);
      if (count === MAX_EXAMINATIONS || !(await readWhetherMoved(examination, ports))) {
        return examination;
      }
    }
  } catch (error) {
    return { kind: 'refused', secretId, secret, ...explainAwsError(error) };
  }
}

/**
 * Reads the labels again if a search found no accepted password.
 *
 * @returns whether AWSCURRENT or AWSPENDING moved since the examination read them, or the pending
 * version had no value then. False if the labels were not read again
 */
async function readWhetherMoved(
  { secretId, secret, search, other, tried }: Examination,
  { aws }: ExaminePorts,
): Promise<boolean> {
  if (search.kind !== 'none' && other?.search.kind !== 'none') {
    return false;
  }
  const pendingWasEmpty = tried.get(holderOf(secret, AWSPENDING) ?? '')?.why === 'unreadable';
  return pendingWasEmpty || labelsMoved(secret, await aws.store(secretId).describe());
}

export function labelsMoved(before: SecretDescription, after: SecretDescription): boolean {
  return [AWSCURRENT, AWSPENDING].some((label) => holderOf(before, label) !== holderOf(after, label));
}

async function examineDescribed(secretId: string, secret: RotatingSecret, ports: ExaminePorts): Promise<Examination> {
  const { aws } = ports;
  const connected = aws.store(secretId);
  const configured = await readStrategy(secret, ports.usernames, aws);
  const searchPorts = {
    ...ports,
    endpoints: endpointsFor(configured, ports.endpoints),
    // Several searches read the same versions.
    store: { read: memoize((versionId: string) => connected.read(versionId)) },
  };
  await ports.waitToList?.();
  const notes: string[] = [];
  const listed = await listVersions(secret, connected, notes);
  const functionState = await readFunctionState(secret, aws, notes);
  const lastFailure = await ports.readLastAttempt?.(secret, aws, notes);
  const currentId = holderOf(secret, AWSCURRENT);
  const { stored, notPinned } = judgeCurrent(
    await readCurrent(secret, searchPorts),
    currentId && (await searchPorts.store.read(currentId)),
    secret.tags,
    configured,
  );
  const current = stored.kind === 'usable' ? stored : undefined;
  const strategy = current === undefined ? configured : strategyOfValue(configured, current);
  const known = withSearches({ ...listed, secret, current, strategy }, searchPorts);
  const search = stored.kind === 'usable' ? await known.searchFor(stored.credentials) : stored;
  const other = search.kind === 'unusable' ? undefined : await findOtherUser(known, search, ports.clock.now());
  const mayBeWrong = search.kind !== 'found' && search.kind !== 'not-enforced';
  const alternatives = mayBeWrong || notPinned !== undefined ? await findAlternatives(known) : [];
  const sameUser =
    current && [search.kind, other?.search.kind].includes('none')
      ? await ports.findSameUser(usersOfSecret(secret, current.credentials, strategy), aws)
      : NOT_SEARCHED;
  const accepted = [search, other?.search ?? search].flatMap((each) => acceptedBy(each) ?? []);
  const names = provenNames([...accepted, ...alternatives], current);
  return {
    ...known,
    kind: 'examined',
    secretId,
    notPinned,
    knownUsers: new Set([...usersOf(strategy.pins), ...(ports.usernames ?? []), ...names]),
    search,
    other,
    functionState,
    sameUser,
    alternatives,
    labelRoom: await readLabelRoom(known, [other?.search ?? search, search].map(acceptedBy), searchPorts),
    keys: ports.manager && (await readKeys(known, ports.manager)),
    lastFailure,
    notes: [...strategy.notes, ...notes, ...sameUser.notes],
  };
}

/**
 * The names with which the cluster accepts a login and rejects a wrong password, and the id in
 * AWSCURRENT if it may be printed.
 */
function provenNames(accepted: readonly UsableCredential[], current: UsableCredential | undefined): readonly string[] {
  const isPrintable =
    current !== undefined && commandForm(current.credentials).isPrintable(current.credentials.username);
  return [...accepted, ...(isPrintable ? [current] : [])].map(({ credentials }) => credentials.username);
}

function acceptedBy(search: Examination['search']): AcceptedCredential | undefined {
  return search.kind === 'found' ? search.accepted : undefined;
}
