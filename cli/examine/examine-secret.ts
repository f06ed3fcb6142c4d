import { readCurrent, readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import { searchKeyOf, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { memoize } from '../aws/memoize.ts';
import { describeSecret } from '../aws/place.ts';
import { formOf } from '../credential-forms.ts';
import type { Explanation } from '../outcome/failure.ts';
import { findAlternatives, type KnownSecret } from './alternatives.ts';
import type { Examination } from './examination.ts';
import { type FindSameUser, NOT_SEARCHED } from './find-same-user.ts';
import { readFunctionState } from './function-state.ts';
import { type ManagerPorts, readKeys } from './keys.ts';
import { readLabelRoom } from './label-room.ts';
import type { ReadLastAttempt } from './last-attempt.ts';
import { listVersions } from './list-versions.ts';
import { findOtherUser } from './other-user.ts';
import { judgeCurrent } from './pins.ts';
import { endpointsFor, readStrategy, strategyOfValue, type Usernames } from './read-strategy.ts';
import { mergeTried, searchVersions, triedVersion, type VersionSearchPorts } from './search-versions.ts';
import { usersOfSecret } from './users-of-secret.ts';

export type ExaminationResult =
  | Examination
  /** `secret`: its description, if AWS refused a later request. */
  | ({ kind: 'refused'; secretId: string; secret?: RotatingSecret | undefined } & Explanation);

export interface ExaminePorts extends Omit<VersionSearchPorts, 'store'> {
  readonly aws: Aws;
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
  const pendingWasEmpty = tried.some(({ candidate, why }) => candidate.stage === 'pending' && why === 'unreadable');
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
  const { versions, allListed } = await listVersions(secret, connected, notes);
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
  const searched = { secret, versions, current };
  const known: KnownSecret = {
    ...searched,
    strategy,
    read: memoize(async (versionId: string) => await readVersionUnlessDenied(secret, versionId, searchPorts)),
    searchFor: memoize(async (user) => await searchVersions(searched, user, searchPorts), searchKeyOf),
  };
  const search = stored.kind === 'usable' ? await known.searchFor(stored.credentials) : stored;
  const other =
    current && search.kind !== 'unusable' ? await findOtherUser(known, current, search, ports.clock.now()) : undefined;
  const mayBeWrong = search.kind !== 'found' && search.kind !== 'not-enforced';
  const alternatives = mayBeWrong || notPinned !== undefined ? await findAlternatives(known) : [];
  const sameUser =
    current && [search.kind, other?.search.kind].includes('none')
      ? await ports.findSameUser(usersOfSecret(secret, current.credentials, strategy), aws)
      : NOT_SEARCHED;
  const logins = [other?.search ?? search, search].map((each) => (each.kind === 'found' ? each.accepted : undefined));
  const searches = [search, other?.search].filter((each) => each !== undefined && each.kind !== 'unusable');
  const knownUsers = [
    ...strategy.users,
    ...(ports.usernames ?? []),
    ...searches.flatMap((each) => (each.kind === 'found' ? [each.accepted] : [])).map(nameIn),
    ...alternatives.map(nameIn),
    ...(current && formOf(current.credentials).isPrintable(nameIn(current)) ? [nameIn(current)] : []),
  ];
  const keys = ports.manager && (await readKeys(known, allListed, ports.manager));
  return {
    ...known,
    kind: 'examined',
    secretId,
    allListed,
    notPinned,
    knownUsers: new Set(knownUsers),
    search,
    other,
    tried: mergeTried(
      ...searches.map(({ tried }) => tried),
      alternatives.map(({ candidate, credentials }) => triedVersion(candidate, 'accepted', credentials)),
    ),
    functionState,
    sameUser,
    alternatives,
    labelRoom: current && (await readLabelRoom(secret, versions, strategy, current, logins, searchPorts)),
    keys,
    lastFailure,
    notes: [...strategy.notes, ...notes, ...sameUser.notes],
  };
}

function nameIn({ credentials }: UsableCredential): string {
  return credentials.username;
}
