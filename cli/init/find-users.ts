import type { Credentials } from '../../protocol/cluster/cluster.ts';
import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import { reasonToSkip, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { hasSentLabel, orderCandidates } from '../../protocol/secret/versions.ts';
import type { Examination } from '../examine/examination.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import { endWith } from '../outcome/failure.ts';
import type { InitTarget } from './target.ts';

/** What the secret holds for one user. */
export interface FoundUser {
  readonly username: string;
  /**
   * The accepted version, or the version with the password of a new user, which an interrupted
   * command or a stack has stored. `undefined`: the command stores the credential.
   */
  readonly version: UsableCredential | undefined;
  /** Set if the cluster accepts `version`. */
  readonly accepted: AcceptedCredential | undefined;
  /** The roles of a user with an accepted password. */
  readonly roles: readonly string[];
}

/** Searches the stored versions of each user. Logs in. @throws FailureError, SecretStoreError */
export async function findUsers(target: InitTarget): Promise<readonly FoundUser[]> {
  const { examination, isWrong } = target;
  const users: FoundUser[] = [];
  for (const username of target.usernames) {
    const none = { username, version: undefined, accepted: undefined, roles: [] };
    const wanted = { ...askedFor(username, target), password: '' };
    users.push(examination === undefined ? none : await findUser(wanted, examination, isWrong));
  }
  return users;
}

/** @param wanted without a password */
async function findUser(wanted: Credentials, examination: Examination, isWrong: boolean): Promise<FoundUser> {
  const { username } = wanted;
  const right = isWrong ? undefined : examination.current;
  const search = await examination.searchFor(wanted);
  if (search.kind === 'undecided' || search.kind === 'not-enforced') {
    endWith(failureOfFinding(searchFinding(search)));
  }
  return search.kind === 'found' && search.accepted.credentials.username === username
    ? { username, version: search.accepted, accepted: search.accepted, roles: search.roles }
    : { username, version: await readStored(wanted, right, examination), accepted: undefined, roles: [] };
}

/**
 * AWSCURRENT, or the newest version of the user with a sent label: only such a version may hold a
 * password that an interrupted command wanted to set.
 */
async function readStored(
  wanted: Credentials,
  right: UsableCredential | undefined,
  { secret, versions, read }: Examination,
): Promise<UsableCredential | undefined> {
  if (right?.credentials.username === wanted.username) {
    return right;
  }
  for (const { versionId } of orderCandidates(secret, versions, undefined)) {
    if (hasSentLabel(secret, versionId)) {
      const stored = await read(versionId);
      if (stored.kind === 'usable' && reasonToSkip(stored, wanted) === undefined) {
        return stored;
      }
    }
  }
  return undefined;
}

/** The credential of a user, or of an API key, without its password. */
export function askedFor(username: string, { endpoint, strategy }: InitTarget): Omit<Credentials, 'password'> {
  return { endpoint, username, form: STRATEGIES[strategy].form };
}
