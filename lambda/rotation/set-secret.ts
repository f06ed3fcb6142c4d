import { type Change, ClusterUnavailableError } from '../../cluster/cluster.ts';
import type { SecretDescription } from '../../secret/store.ts';
import { AWSPENDING, sentLabel } from '../../secret/versions.ts';
import { type FailureCode, RotationError } from './errors.ts';
import { findInForce, type InForceCredential, noneInForce } from './find-in-force.ts';
import { accepts, acceptsInTime, requireTimeFor } from './logins.ts';
import type { RotationPorts, StoredCredential } from './ports.ts';
import { preflight } from './preflight.ts';
import type { Outcome } from './progress.ts';
import { resetByAdmin } from './reset-by-admin.ts';
import { readBoth } from './stored-credentials.ts';

/** The change, a login with the new password, and one with the old: what it takes to know how a change ended. */
const REQUESTS_OF_A_CHANGE = 3;

/**
 * Makes the cluster accept the pending password, starting from whichever stored password is in force.
 *
 * The change is asked for once. What the cluster answers is never believed: a login decides, because an error can come
 * after the change, and of two changes at once both are told that they succeeded.
 */
export async function setSecret(
  ports: RotationPorts,
  description: SecretDescription,
  currentId: string,
  token: string,
): Promise<Outcome> {
  const { current, pending } = await readBoth(ports, description, currentId, token);
  const found = await findInForce(ports, description, current, pending);
  if (found?.candidate.stage === 'pending') {
    return 'already-in-force';
  }
  if (found === undefined && ports.readAdmin === undefined) {
    throw noneInForce(current);
  }
  if (found === undefined || found.candidate.stage === 'stranded') {
    await requireStillPending(ports, token);
  }
  await keepFindable(ports, description, token);
  if (found?.candidate.stage === 'stranded') {
    // Once the change is asked for, nothing else may tell that this password was the one before.
    await keepFindable(ports, description, found.versionId);
  }
  if (found === undefined) {
    return await resetByAdmin(ports, current, pending);
  }
  requireTimeFor(REQUESTS_OF_A_CHANGE, ports, found.candidate.stage);
  ports.report({ event: 'change-asked', from: found.candidate });
  const answer = await changeOnce(ports, found, pending);
  ports.report({ event: 'change-answered', answer });
  try {
    return await (answer.kind === 'changed' ? confirm(ports, pending) : settle(ports, found, pending, answer));
  } catch (error) {
    throw asUnsettled(error, pending);
  }
}

/**
 * A search beyond the named versions takes long, and what it finds may be the work of a rotation that has begun since:
 * an invocation that outlived its own rotation must not change the password under that one.
 */
async function requireStillPending(ports: RotationPorts, token: string): Promise<void> {
  const decision = preflight(await ports.store.describe(), token);
  if (decision.kind !== 'proceed') {
    throw new RotationError(
      'TOKEN_NOT_PENDING',
      `Version ${token} stopped being the pending one while this step looked for the password in force.`,
    );
  }
}

type Doubt = Exclude<Change, { kind: 'changed' }> | { kind: 'lost'; explanation: string };

async function changeOnce(
  ports: RotationPorts,
  found: InForceCredential,
  pending: StoredCredential,
): Promise<Change | Doubt> {
  try {
    return await ports.cluster.changePassword(found.credentials, pending.credentials.password);
  } catch (error) {
    if (error instanceof ClusterUnavailableError) {
      return { kind: 'lost', explanation: error.message };
    }
    throw error;
  }
}

async function confirm(ports: RotationPorts, { credentials }: StoredCredential): Promise<Outcome> {
  if (await acceptsInTime(ports, credentials)) {
    return 'changed';
  }
  throw new RotationError(
    'PENDING_REJECTED',
    `${credentials.endpoint.url} reported the change of ${credentials.username} and rejects the new password.`,
  );
}

const NO_VERDICT: readonly FailureCode[] = [
  'CLUSTER_UNREACHABLE',
  'CLUSTER_NO_ANSWER',
  'CLUSTER_NOT_READY',
  'CLUSTER_FORBIDS',
  'NOT_ENOUGH_TIME',
];

/** Before a change these mean that nothing was changed; after it they leave open whether anything was. */
function asUnsettled(error: unknown, { credentials }: StoredCredential): unknown {
  return error instanceof RotationError && NO_VERDICT.includes(error.code)
    ? new RotationError(
        'CHANGE_UNSETTLED',
        `The change of ${credentials.username} at ${credentials.endpoint.url} was asked for, and no login could tell how it ended (${error.message}).`,
      )
    : error;
}

/**
 * After anything but a success, logins tell what happened. A refusal is the cluster's word that nothing did, and needs one
 * look. A request whose answer was lost may still be on its way, so the new password is waited for; and when the old one is
 * all that is accepted by then, that is no proof yet.
 */
async function settle(
  ports: RotationPorts,
  found: InForceCredential,
  pending: StoredCredential,
  doubt: Doubt,
): Promise<Outcome> {
  const refused = doubt.kind === 'refused' && doubt.reason !== 'unclear';
  if (await (refused ? accepts : acceptsInTime)(ports, pending.credentials)) {
    return 'changed';
  }
  const { stage } = found.candidate;
  const said = doubt.kind === 'lost' ? doubt.explanation : doubt.answer;
  const user = `${pending.credentials.username} at ${pending.credentials.endpoint.url}`;
  const asBefore = await accepts(ports, found.credentials);
  if (!refused || !asBefore) {
    throw new RotationError(
      'CHANGE_UNSETTLED',
      `The change of ${user} got no clear answer (${said}), and for now ${asBefore ? `the ${stage} password is accepted` : 'neither password is accepted'}.`,
    );
  }
  if (doubt.reason === 'new-password') {
    await giveUp(ports, pending);
    throw new RotationError('PASSWORD_REFUSED', `The new password of ${user} is refused (${said}).`, stage);
  }
  throw new RotationError('CHANGE_REFUSED', `The password of ${user} was not changed (${said}).`, stage);
}

/**
 * A version keeps its value for ever, so one whose password the cluster will never take must make room for another.
 * The sent label goes first: once AWSPENDING is gone, no attempt would come back to take it off.
 */
async function giveUp(ports: RotationPorts, { versionId }: StoredCredential): Promise<void> {
  await ports.store.removeLabel({ label: sentLabel(versionId), from: versionId });
  await ports.store.removeLabel({ label: AWSPENDING, from: versionId });
  ports.report({ event: 'version-given-up', versionId });
}

/** A version that a human hand stored, or that was superseded long ago, lacks the sent label that ours are born with. */
async function keepFindable(ports: RotationPorts, description: SecretDescription, id: string): Promise<void> {
  const label = sentLabel(id);
  if (!description.versions.some(({ versionId, labels }) => versionId === id && labels.includes(label))) {
    await ports.store.addLabel({ label, to: id });
  }
}
