import type { Credentials, Login } from '../../cluster/cluster.ts';
import { isSameUser } from '../../credential/stored-credential.ts';
import type { Pins } from '../../secret/rotated-secrets.ts';
import { lacksSentLabel, sentLabel } from '../../secret/versions.ts';
import { canLogIn } from '../can-log-in.ts';
import type { RotationPorts } from '../ports.ts';
import { makeRoomByLogin } from '../sent-labels.ts';
import { refuseWithinMinimumGap } from './minimum-gap.ts';
import { activate, choose, keyProblems, retire } from './passwords.ts';
import type { PendingAttempt, PinProblem, Strategy } from './strategy.ts';

/**
 * Two users take turns. A rotation changes the password of the user that is not in AWSCURRENT, so
 * the credential in AWSCURRENT stays accepted until the next rotation.
 */
export const alternatingUsers: Strategy = {
  name: 'alternating-users',
  form: 'password',
  title: 'two users that take turns',
  keepsReplaced: true,
  canRevoke: false,
  needsManager: false,
  mustPin: true,
  pinProblems: ({ endpoint, username, usernames, ...pins }, isNew) => [
    ...keyProblems(pins),
    ...(username === undefined || usernames === undefined
      ? []
      : [{ key: 'username' as const, rule: 'usernames names both users. Remove username.' }]),
    ...(usernames === undefined
      ? [missing('usernames', 'write the two users that take turns: [orders_a, orders_b].')]
      : []),
    ...(endpoint === undefined && !isNew
      ? [missing('endpoint', 'write the endpoint of the cluster that has both users.')]
      : []),
  ],
  canUse: ({ usernames }) => usernames !== undefined,
  next: (current, pins) => ({ ...current, username: otherUser(current, pins) }),
  mayFollow: (pending, current, pins) => pending.username === otherUser(current, pins),
  refuseStart: refuseWithinMinimumGap,
  choose,
  activate: async (ports, attempt) => {
    await addSentLabelToCurrent(ports, attempt);
    return await activate(ports, attempt);
  },
  compare: compareUsers,
  retire,
};

function otherUser({ username }: Credentials, { usernames: [first, second] = ['', ''] }: Pins): string {
  return username === first ? second : first;
}

function missing(key: PinProblem['key'], what: string): PinProblem {
  return { key, rule: `Missing. With alternating-users, ${what}` };
}

/**
 * Adds a sent label to the version in AWSCURRENT if the version has none because a person stored
 * it. The next rotation starts from this credential, and AWSPREVIOUS alone would be lost with the
 * next value that a person stores. A rejected password gets no label, because a later createSecret
 * would take it for one that a rotation has sent, and may set it.
 */
async function addSentLabelToCurrent(ports: RotationPorts, attempt: PendingAttempt): Promise<void> {
  const { description, current, pending } = attempt;
  const { versionId } = current;
  if (isSameUser(current.credentials, pending.credentials) || !lacksSentLabel(description, versionId)) {
    return;
  }
  if (!(await canLogIn(ports, current.credentials))) {
    return;
  }
  // The second label stays free for the accepted version of the other user.
  if ((await makeRoomByLogin(ports, attempt, 2)) < 2) {
    ports.report({ event: 'labels-full', versionId, why: 'user in AWSCURRENT' });
    return;
  }
  await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
}

/**
 * Logs in with both users, and reports different roles, or a current credential that is not valid
 * any more. Fails nothing, because the new credential is proven already.
 */
export async function compareUsers(
  ports: RotationPorts,
  { current, pending }: Pick<PendingAttempt, 'current' | 'pending'>,
): Promise<void> {
  const [ofCurrent, ofPending] = await Promise.all([
    tryLogin(ports, current.credentials),
    tryLogin(ports, pending.credentials),
  ]);
  if (ofCurrent?.kind === 'rejected') {
    ports.report({ event: 'current-rejected', username: current.credentials.username });
  }
  if (ofCurrent?.kind !== 'accepted' || ofPending?.kind !== 'accepted') {
    return;
  }
  const { missing, added } = differingRoles(ofCurrent.roles, ofPending.roles);
  if (missing.length > 0 || added.length > 0) {
    ports.report({ event: 'roles-differ', username: pending.credentials.username, missing, added });
  }
}

/** The roles that only one of two users has, so that a rotation takes them away or adds them. */
export function differingRoles(
  current: readonly string[],
  other: readonly string[],
): { readonly missing: readonly string[]; readonly added: readonly string[] } {
  return {
    missing: current.filter((role) => !other.includes(role)),
    added: other.filter((role) => !current.includes(role)),
  };
}

/** @returns undefined if the cluster gives no usable answer. */
async function tryLogin({ cluster }: RotationPorts, credentials: Credentials): Promise<Login | undefined> {
  try {
    return await cluster.authenticates(credentials);
  } catch {
    return undefined;
  }
}
