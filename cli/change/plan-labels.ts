import { planRoom } from '../../protocol/rotation/sent-label-use.ts';
import type { SecretDescription } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf, lacksSentLabel } from '../../protocol/secret/versions.ts';
import type { Examination } from '../examine/examination.ts';
import { howToRemoveLabels } from '../examine/label-room.ts';
import { endWith } from '../outcome/failure.ts';
import { addSentLabel, removePending, removeSentLabel } from './secret-steps.ts';
import type { PlanStep } from './step.ts';

/** Where the labels are, and what an examination knows about their versions. */
export interface Labels extends Partial<Pick<Examination, 'other' | 'tried' | 'labelRoom'>> {
  readonly secret: SecretDescription;
}

/**
 * Adds the sent label that the accepted credential of the other user lacks, because the next
 * rotation starts from it. Removes AWSPENDING, except from the version that becomes or stays
 * AWSCURRENT. If the version may hold a password that the cluster does not accept yet, it gets a
 * sent label, because this password may be on its way to the cluster. A version for another user
 * counts as such a version: two users may take turns without the knowledge of the command.
 */
export function unblock({ secret, other, tried }: Labels, except: string): readonly PlanStep[] {
  const pending = holderOf(secret, AWSPENDING);
  const isRemoved = pending !== undefined && pending !== except;
  const { login, why, credentials } = tried?.get(pending ?? '') ?? {};
  const current = tried?.get(holderOf(secret, AWSCURRENT) ?? '')?.credentials;
  const isOfOther =
    why === 'other host or user' || (login === 'accepted' && credentials?.username !== current?.username);
  const mayBeSent = login === 'rejected' || why === 'denied' || isOfOther;
  const ofOther = other?.search.kind === 'found' ? other.search.accepted.versionId : undefined;
  const unlabelled = [ofOther, isRemoved && mayBeSent ? pending : undefined].filter(
    (versionId) => versionId !== undefined && lacksSentLabel(secret, versionId),
  );
  return [
    ...[...new Set(unlabelled)].map((versionId = '') => addSentLabel(versionId)),
    ...(isRemoved ? [removePending(pending)] : []),
  ];
}

function isLogin({ kind }: PlanStep): boolean {
  return kind === 'log-in';
}

function addsSentLabel({ kind }: PlanStep): boolean {
  return kind === 'add-sent-label' || kind === 'store';
}

/**
 * Removes sent labels before the first step that adds one, as a rotation does, until all of them
 * have room. A login comes before the removal, if the plan has one.
 *
 * @param kind of the failure if the owner must make the room
 * @throws FailureError
 */
export function withRoom(
  { secret, labelRoom }: Labels,
  steps: readonly PlanStep[],
  kind: 'refused' | 'failed',
): readonly PlanStep[] {
  const wanted = steps.filter(addsSentLabel).length;
  const { removed, room } = planRoom(secret, labelRoom?.removable ?? [], wanted);
  if (wanted > 0 && room < wanted) {
    endWith({
      kind,
      code: 'labels-full',
      message: `${secret.name} has no room for the labels of the plan. Secrets Manager allows 20 labels a secret.`,
      advice: `Nothing was changed. ${howToRemoveLabels(secret.name, wanted - room)}`,
    });
  }
  if (wanted === 0 || removed.length === 0) {
    return steps;
  }
  const first = steps.findIndex(addsSentLabel);
  const before = steps.slice(0, first);
  // A login that comes later needs the change of an admin first.
  const proof = before.some(isLogin) ? [] : steps.slice(first + 1, first + 2).filter(isLogin);
  return [...before, ...proof, ...removed.map(removeSentLabel), ...steps.slice(first)];
}

/** What the operator should know about a plan that removes AWSPENDING while a rotation may run. */
export function remarksOn(steps: readonly PlanStep[], { secret }: Labels): readonly string[] {
  const pending = holderOf(secret, AWSPENDING);
  // A complete rotation leaves AWSPENDING on AWSCURRENT.
  const mayRun = secret.rotationEnabled && pending !== holderOf(secret, AWSCURRENT);
  return mayRun && steps.some(({ kind }) => kind === 'remove-pending')
    ? ['If a rotation is running now, its function stops it. Start another rotation after this command']
    : [];
}
