import type { AcceptedCredential } from '../credential/find-accepted.ts';
import { freeLabels, lacksSentLabel, MAX_LABELS, sentLabel } from '../secret/versions.ts';
import { canLogIn, requireAuthorization } from './can-log-in.ts';
import { RotationError } from './errors.ts';
import { describeWhilePending } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import { readPorts } from './read-versions.ts';
import { classifySentLabels, planRoom, removableLabels, type UsedLabel } from './sent-label-use.ts';
import type { Attempt } from './strategies/strategy.ts';

/**
 * Adds the sent labels that are missing before the pending password is sent. The pending version
 * lacks its label if a person stored it. An accepted previous or stranded version gets a label as
 * well, if there is room: one PutSecretValue of a person can remove the last label of a previous
 * version.
 *
 * A search beyond the named versions is long, so its invocation may outlive its rotation. Then the
 * password that it found may be the work of a later rotation, so the labels are read again first.
 *
 * @param accepted undefined if the cluster rejects every stored password.
 */
export async function labelBeforeSending(
  ports: RotationPorts,
  attempt: Attempt,
  accepted: AcceptedCredential | undefined,
): Promise<void> {
  const { token } = attempt;
  let { description } = attempt;
  const stage = accepted?.stage;
  if (stage === undefined || stage === 'stranded') {
    description = await describeWhilePending(ports, token, 'looked for the accepted password');
  }
  const versions = [token, ...(accepted === undefined || stage === 'current' ? [] : [accepted.versionId])];
  const unlabelled = versions.filter((versionId) => lacksSentLabel(description, versionId));
  const room = await makeRoomForLabels(
    ports,
    { ...attempt, description },
    {
      needed: unlabelled.includes(token) ? 1 : 0,
      wanted: unlabelled.length,
      accepted,
    },
  );
  for (const [index, versionId] of unlabelled.entries()) {
    if (index < room) {
      await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
    } else {
      ports.report({ event: 'labels-full', versionId, why: 'may be accepted' });
    }
  }
}

/**
 * Removes sent labels in the order of {@link removableLabels}, only if Secrets Manager has no room
 * for new ones. Labels of versions that AWS denies go only if a label is needed. The pending
 * password, which is about to be sent, keeps its label.
 *
 * @param needed how many new labels the caller must add.
 * @param wanted how many new labels the caller adds if there is room for them.
 * @param accepted the password that a login has just proven.
 * @returns for how many new labels there is room.
 * @throws RotationError LABELS_FULL before a label is removed, if there is no room for `needed`.
 */
export async function makeRoomForLabels(
  ports: RotationPorts,
  attempt: Attempt,
  { needed, wanted = needed, accepted }: { needed: number; wanted?: number; accepted: AcceptedCredential | undefined },
): Promise<number> {
  const { description, token } = attempt;
  if (freeLabels(description) >= wanted) {
    return freeLabels(description);
  }
  const sent = await readSentLabels(ports, attempt, accepted);
  const others = sent.filter(({ versionId, use }) => versionId !== token && (use !== 'denied' || needed > 0));
  const { removed, room } = planRoom(description, removableLabels(others), wanted);
  if (room < needed) {
    throw new RotationError(
      'LABELS_FULL',
      `${description.name} has no room for a label that the rotation needs. Secrets Manager allows ${MAX_LABELS} labels a secret.`,
    );
  }
  for (const { label, versionId, use } of removed) {
    await ports.store.removeLabel({ label, from: versionId });
    ports.report({ event: 'labels-full', versionId, why: use });
  }
  return room;
}

/**
 * Logs in with the credential in AWSCURRENT, if there is too little room. An accepted login proves
 * that older passwords of its user are obsolete, so their labels can go, unless the cluster accepts
 * every password.
 *
 * @returns for how many new labels there is room. 0 if the cluster rejects the credential. Negative
 * if AWS's own labels lack room, because another login may make room for them.
 */
export async function makeRoomByLogin(ports: RotationPorts, attempt: Attempt, wanted: number): Promise<number> {
  const { current, description } = attempt;
  if (freeLabels(description) >= wanted) {
    return freeLabels(description);
  }
  if (!(await canLogIn(ports, current.credentials))) {
    return 0;
  }
  await requireAuthorization(ports, current.credentials);
  const needed = Math.min(0, freeLabels(description));
  return await makeRoomForLabels(ports, attempt, { needed, wanted, accepted: { ...current, stage: 'current' } });
}

/**
 * @param accepted the password that a login has just proven. `undefined`: the cluster rejects all.
 */
export async function readSentLabels(
  ports: RotationPorts,
  { description: secret, current, pins, strategy }: Attempt,
  accepted: AcceptedCredential | undefined,
): Promise<readonly UsedLabel[]> {
  const user = { current, next: strategy.next(current.credentials, pins), accepted };
  return await classifySentLabels(secret, await ports.store.list(), user, readPorts(ports, pins));
}
