import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { reasonToSkip, type UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { requireCopyable } from '../../protocol/rotation/open-keys.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { hasSentLabel, orderCandidates } from '../../protocol/secret/versions.ts';
import { readAbsent, readAdmin, type UsableAdmin } from '../change/admin.ts';
import { createUser, grantRoles } from '../change/admin-steps.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import type { WantedCredential } from '../change/plan.ts';
import { commandForm } from '../credential-forms.ts';
import { endWithFinding } from '../examine/finding.ts';
import { endWithSearch } from '../examine/findings.ts';
import { openOrganization, orFinding } from '../examine/keys.ts';
import { managerPorts } from '../examine-ports.ts';
import { refuse } from '../outcome/failure.ts';
import { askForPassword } from './ask-for-credential.ts';
import type { InitOptions } from './init-definition.ts';
import type { InitTarget } from './target.ts';

/** A user whose credential is known before anything changes. */
interface KnownUser extends WantedCredential {
  /** None for a new user. */
  readonly roles: readonly string[];
}

/**
 * Finds out, for each user without an accepted password, whether the command creates the user or
 * needs its password. Asks for passwords, and proves them. An API key counts as a user here, and
 * the control plane is asked about it. Changes nothing.
 *
 * @param unnamed the key that AWSCURRENT holds without a name
 * @returns those that an admin creates with a `change`. A login has proven the others
 * @throws FailureError, also if the function would refuse a credential or the manager;
 * SecretStoreError
 */
export async function wantUsers(
  target: InitTarget,
  unnamed: string | undefined,
  options: InitOptions,
  ports: ChangePorts,
): Promise<readonly WantedCredential[]> {
  const { adminSecret, role = [] } = options;
  const accepted = new Map<string, KnownUser | undefined>();
  for (const username of target.usernames) {
    accepted.set(username, await findAccepted(username, target));
  }
  const admin = adminSecret === undefined ? undefined : await readAdmin(adminSecret, target.endpoint, ports);
  const administrator = target.usernames.find((username) => isAdmin(username, admin));
  if (administrator !== undefined) {
    refuse(
      'admin-user',
      `${administrator} administers the cluster, so this command does not take it into rotation.`,
      'Name a user that only applications use.',
    );
  }
  const unknown = target.usernames.filter((username) => accepted.get(username) === undefined);
  const absent = admin && unknown.length > 0 ? await readAbsent(admin, unknown, target.place, ports) : [];
  const users: KnownUser[] = [];
  for (const [username, user] of accepted) {
    const isNew = absent.includes(username);
    users.push(
      user ??
        (await (isNew && admin
          ? newUser(username, target, admin, ports)
          : existingUser(username, target, unnamed, ports))),
    );
  }
  for (const rotated of STRATEGIES[target.strategy].needsManager ? users : []) {
    const key = await orFinding(async () => {
      const { listed } = await openOrganization(rotated, target.manager, managerPorts(options, ports));
      return requireCopyable(listed, rotated.credentials.username);
    }, ports.secretId);
    if ('severity' in key) {
      endWithFinding(key, 'refused');
    }
  }
  const roles = [...new Set([...role, ...(users[0]?.roles ?? [])])];
  return users.map((user) => (admin === undefined ? user : withRoles(user, roles, admin)));
}

function withRoles(user: KnownUser, roles: readonly string[], admin: UsableAdmin): WantedCredential {
  const missing = roles.filter((role) => !user.roles.includes(role));
  return missing.length === 0 ? user : { ...user, grant: grantRoles(admin, user.credentials.username, missing) };
}

/** The credential of a user, or of an API key, without its password. */
function askedFor(username: string, { endpoint, strategy }: InitTarget): Omit<Credentials, 'password'> {
  return { endpoint, username, form: STRATEGIES[strategy].form };
}

/** Searches the stored versions of a user. Logs in. @throws FailureError, SecretStoreError */
async function findAccepted(username: string, target: InitTarget): Promise<KnownUser | undefined> {
  const search = await target.examination?.searchFor({ ...askedFor(username, target), password: '' });
  if (search?.kind === 'undecided' || search?.kind === 'not-enforced') {
    endWithSearch(search);
  }
  return search?.kind === 'found' && search.accepted.credentials.username === username
    ? {
        credentials: search.accepted.credentials,
        version: search.accepted,
        roles: search.roles,
      }
    : undefined;
}

/** The password of an interrupted command is used again: it is stored already. */
async function newUser(
  username: string,
  target: InitTarget,
  admin: UsableAdmin,
  { newPassword }: ChangePorts,
): Promise<KnownUser> {
  const version = await readStored(username, target);
  const credentials = version?.credentials ?? { endpoint: target.endpoint, username, password: newPassword() };
  return { credentials, version, change: createUser(admin, credentials), roles: [] };
}

/**
 * AWSCURRENT, or the newest version of the user with a sent label: only such a version may hold a
 * password that an interrupted command wanted to set.
 */
async function readStored(username: string, target: InitTarget): Promise<UsableCredential | undefined> {
  const { examination, isWrong } = target;
  if (examination === undefined) {
    return undefined;
  }
  const { secret, versions, read, current } = examination;
  if (!isWrong && current?.credentials.username === username) {
    return current;
  }
  const wanted = { ...askedFor(username, target), password: '' };
  for (const { versionId } of orderCandidates(secret, versions, undefined)) {
    const stored = hasSentLabel(secret, versionId) ? await read(versionId) : undefined;
    if (stored?.kind === 'usable' && reasonToSkip(stored, wanted) === undefined) {
      return stored;
    }
  }
  return undefined;
}

/** A user whose password is proven now. */
async function existingUser(
  username: string,
  target: InitTarget,
  unnamed: string | undefined,
  ports: ChangePorts,
): Promise<KnownUser> {
  const { examination, usernames } = target;
  // The name in AWSCURRENT may be a part of a password.
  const isKnown = examination?.knownUsers.has(username) !== false || usernames.length > 1;
  const asked = askedFor(username, target);
  const form = commandForm(asked);
  const name = isKnown || form.isPrintable(username) ? form.asked(username) : form.unnamed;
  return await askForPassword(name, asked, unnamed, ports);
}
