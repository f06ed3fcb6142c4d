import { readCurrent } from '../../protocol/credential/read-version.ts';
import type { UnusableCredential, UsableCredential } from '../../protocol/credential/stored-credential.ts';
import {
  type SecretDescription,
  type SecretStore,
  SecretStoreError,
  type VersionLabels,
} from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Explanation } from '../outcome/failure.ts';
import { examineFunction, type FunctionState } from './examine-function.ts';
import { type ExaminedPrevious, examinePrevious } from './examine-previous.ts';
import { type ExaminedUsers, examineUsers } from './examine-users.ts';
import { type LabelRoom, readLabelRoom } from './label-room.ts';
import { type KnownStrategy, readStrategy, type Usernames } from './read-strategy.ts';
import { usersOfSecret } from './same-user/compare-users.ts';
import type { FindSameUser, SameUserSearch } from './same-user/find-same-user.ts';
import {
  mergeTried,
  type SearchPorts,
  searchVersions,
  type TriedVersion,
  type VersionSearch,
} from './search-versions.ts';

export interface ExaminedVersion extends VersionLabels {
  /** Milliseconds since the epoch. `undefined` if Secrets Manager does not list the version. */
  readonly createdAt: number | undefined;
}

/** A secret as Secrets Manager describes it, and the answers of its cluster. */
export type Examination = ExaminedSecret &
  (
    | { readonly current: UsableCredential; readonly cluster: VersionSearch }
    /** AWSCURRENT is not usable, so the command did not log in. */
    | { readonly current: undefined; readonly cluster: UnusableCredential }
  );

interface ExaminedSecret {
  readonly kind: 'examined';
  /** The name or ARN on the command line. */
  readonly secretId: string;
  readonly secret: RotatingSecret;
  /** Newest first. */
  readonly versions: readonly ExaminedVersion[];
  /** Whether `versions` includes the versions without a label. */
  readonly allListed: boolean;
  readonly strategy: KnownStrategy;
  /** `undefined` if no two users take turns. */
  readonly turns: ExaminedUsers | undefined;
  readonly tried: readonly TriedVersion[];
  readonly functionState: FunctionState;
  /** Searched only if no stored password is in force. */
  readonly sameUser: SameUserSearch;
  readonly notes: readonly string[];
  /**
   * `undefined` if there is no AWSPREVIOUS version, or no reason to move AWSCURRENT back.
   */
  readonly previous: ExaminedPrevious | undefined;
  /** `undefined` if AWSCURRENT is not usable. */
  readonly labelRoom: LabelRoom | undefined;
}

export type ExaminationResult = Examination | ({ kind: 'refused'; secretId: string } & Explanation);

export interface ExaminePorts extends Omit<SearchPorts, 'store'> {
  readonly aws: Aws;
  /** Whether AWSPREVIOUS is examined although AWSCURRENT is in force. */
  readonly alwaysExaminePrevious?: boolean;
  /** The users of `--users`. */
  readonly usernames: Usernames | undefined;
  readonly findSameUser: FindSameUser;
  /** Waits until the quota of ListSecretVersionIds has room, if many secrets are examined. */
  readonly waitToList?: () => Promise<void>;
}

const NOT_SEARCHED: SameUserSearch = { others: [], notes: [] };

/** How often a secret is examined whose labels move meanwhile. */
const EXAMINATIONS_AT_MOST = 3;

/**
 * Reads the secret and logs in to its cluster. Changes nothing. If no password is in force and a
 * label has moved meanwhile, examines the secret again, because a rotation may be running.
 */
export async function examineSecret(secretId: string, ports: ExaminePorts): Promise<ExaminationResult> {
  try {
    let examination = await examineOnce(secretId, ports);
    for (let count = 1; count < EXAMINATIONS_AT_MOST && (await readWhetherMoved(examination, ports)); count += 1) {
      examination = await examineOnce(secretId, ports);
    }
    return examination;
  } catch (error) {
    return { kind: 'refused', secretId, ...explainAwsError(error) };
  }
}

/**
 * Reads the labels again if a search found no accepted password.
 *
 * @returns whether AWSCURRENT or AWSPENDING moved since the examination read them, or the pending
 * version had no value then. False if the labels were not read again
 */
async function readWhetherMoved(
  { secretId, secret, cluster, turns, tried }: Examination,
  { aws }: ExaminePorts,
): Promise<boolean> {
  if (cluster.kind !== 'none' && turns?.other.search.kind !== 'none') {
    return false;
  }
  const pendingWasEmpty = tried.some(({ candidate, why }) => candidate.stage === 'pending' && why === 'unreadable');
  return pendingWasEmpty || labelsMoved(secret, await aws.store(secretId).describe());
}

/** Whether another version has AWSCURRENT or AWSPENDING. */
export function labelsMoved(before: SecretDescription, after: SecretDescription): boolean {
  return [AWSCURRENT, AWSPENDING].some((label) => holderOf(before, label) !== holderOf(after, label));
}

async function examineOnce(secretId: string, ports: ExaminePorts): Promise<Examination> {
  const secret = await ports.aws.rotation.describeSecret(secretId);
  const store = ports.aws.store(secretId);
  const strategy = await readStrategy(secret, ports.usernames, ports.aws);
  await ports.waitToList?.();
  const listing = await listVersions(secret, store);
  const { versions } = listing;
  const rotationFunction = await examineFunction(secret, ports.aws);
  const functionState = rotationFunction.state;
  const notes = [...strategy.notes, ...listing.notes, ...rotationFunction.notes];
  const allListed = listing.notes.length === 0;
  const base = { kind: 'examined', secretId, secret, strategy, versions, allListed, functionState, notes } as const;
  const current = await readCurrent(secret, { ...ports, store });
  const listed = versions.map((version) => ({ ...version, createdAt: version.createdAt ?? 0 }));
  const searchPorts = { ...ports, store };
  if (current.kind === 'unusable') {
    const found = { current: undefined, cluster: current, tried: [] };
    const previous = await examinePrevious(secret, listed, found, strategy, searchPorts);
    const triedVersions = previous?.kind === 'usable' ? previous.tried : [];
    return {
      ...base,
      ...found,
      turns: undefined,
      previous,
      tried: triedVersions,
      sameUser: NOT_SEARCHED,
      labelRoom: undefined,
    };
  }
  const user = current.credentials;
  const cluster = await searchVersions(secret, listed, { current, user }, searchPorts);
  const turns = await examineUsers(secret, listed, current, strategy, cluster, searchPorts);
  const mayBeWrong = cluster.kind === 'none' || cluster.kind === 'undecided' || ports.alwaysExaminePrevious === true;
  const found = { current, cluster, tried: mergeTried(cluster.tried, turns?.other.search.tried ?? []) };
  const previous = mayBeWrong ? await examinePrevious(secret, listed, found, strategy, searchPorts) : undefined;
  const ofNext = turns === undefined ? cluster : turns.other.search;
  const accepted = ofNext.kind === 'found' ? ofNext.inForce : undefined;
  const labelRoom = await readLabelRoom(secret, listed, strategy, { current, accepted }, searchPorts);
  const sameUser =
    cluster.kind === 'none'
      ? await ports.findSameUser(usersOfSecret(secret, current.credentials, strategy), ports.aws)
      : NOT_SEARCHED;
  return { ...base, ...found, turns, previous, sameUser, notes: [...notes, ...sameUser.notes], labelRoom };
}

/** Without the permission to list, returns the versions with a label and a note. */
async function listVersions(
  secret: RotatingSecret,
  store: SecretStore,
): Promise<{ versions: readonly ExaminedVersion[]; notes: readonly string[] }> {
  const labelled = secret.versions.map((version) => ({ ...version, createdAt: undefined }));
  const listed = await catchKnown(store.list(), SecretStoreError);
  if (listed instanceof SecretStoreError) {
    const note = `Versions without a label could not be listed, so the command did not try them. ${listed.message}`;
    return { versions: labelled, notes: [note] };
  }
  // Secrets Manager does not list empty versions. They are the newest, because a rotation has just
  // created them.
  const empty = labelled.filter(({ versionId }) => !listed.some((version) => version.versionId === versionId));
  return { versions: [...empty, ...listed.toSorted((a, b) => b.createdAt - a.createdAt)], notes: [] };
}
