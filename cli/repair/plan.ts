import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { AWSPENDING, holderOf, lacksSentLabel } from '../../protocol/secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { labelsFullFinding, noAnswerFinding } from '../examine/findings.ts';
import { refusalOfStaleCopies } from '../examine/stale-copies.ts';
import type { RepairOutcome } from './outcome.ts';

export type LabelStep =
  | { kind: 'promote'; to: string; from: string }
  | { kind: 'add-sent-label'; versionId: string }
  | { kind: 'remove-sent-label'; label: string; from: string }
  | { kind: 'remove-pending'; from: string };

/** `labelSteps` come last. Before them, `keep-edit` and `reset` promote a new version. */
export type RepairPlan = {
  readonly labelSteps: readonly LabelStep[];
} /** `restores`: AWSCURRENT moves to another user or host, or from a value without any. */ & (
  | { kind: 'relabel'; inForce: AcceptedCredential; restores?: true }
  /**
   * AWSCURRENT was edited. Stores the edited value with the password in force, after `roomSteps`.
   */
  | {
      kind: 'keep-edit';
      inForce: AcceptedCredential;
      current: UsableCredential;
      readonly roomSteps: readonly LabelStep[];
    }
  /** No stored password is in force. An admin sets a new password. */
  | { kind: 'reset'; current: UsableCredential }
);

/**
 * Plans the move of AWSCURRENT to the password in force, or says why there is no plan.
 *
 * @param concernsRoles whether an admin grants roles, or removes their tag, after the label steps
 */
export function planRepair(examination: Examination, concernsRoles: boolean): RepairPlan | RepairOutcome {
  if (examination.current === undefined) {
    return { ...failureOfFinding(noAnswerFinding(examination, examination.cluster)), code: 'unusable-secret' };
  }
  const { current, cluster } = examination;
  switch (cluster.kind) {
    case 'undecided':
    case 'not-enforced':
      return failureOfFinding(noAnswerFinding(examination, cluster));
    case 'none':
      return { kind: 'reset', current, labelSteps: protectAndRemovePending(examination, undefined) };
    case 'found': {
      const { inForce } = cluster;
      if (inForce.versionId === current.versionId) {
        const removal = protectAndRemovePending(examination, current.versionId);
        const labelSteps = [...makeRoom(examination, sentLabelsAddedBy(removal)), ...removal];
        if (labelSteps.length > 0 || concernsRoles) {
          return { kind: 'relabel', inForce, labelSteps };
        }
        const labelsFull = labelsFullFinding(examination);
        return labelsFull === undefined
          ? (refusalOfStaleCopies(examination) ?? { kind: 'in-order' })
          : failureOfFinding(labelsFull);
      }
      if (isEdited(current, inForce)) {
        const refusal = refusalOfStaleCopies(examination);
        if (refusal !== undefined) {
          return refusal;
        }
        const labelSteps = protectAndRemovePending(examination, undefined);
        const roomSteps = makeRoom(examination, 1 + sentLabelsAddedBy(labelSteps));
        return { kind: 'keep-edit', inForce, current, roomSteps, labelSteps };
      }
      // AWSCURRENT moves first, because applications read a wrong password until then.
      const promote = { kind: 'promote', to: inForce.versionId, from: current.versionId } as const;
      const removal = protectAndRemovePending(examination, inForce.versionId);
      const roomSteps = makeRoom(examination, sentLabelsAddedBy(removal));
      return { kind: 'relabel', inForce, labelSteps: [promote, ...roomSteps, ...removal] };
    }
  }
}

/**
 * Whether the values differ in more than the password. Then somebody edited AWSCURRENT, and a
 * promotion of the version in force would undo the edit.
 */
function isEdited(current: UsableCredential, inForce: UsableCredential): boolean {
  return current.withCredential({ password: '' }) !== inForce.withCredential({ password: '' });
}

/**
 * Adds the sent label that the credential in force of the other user lacks, because the next
 * rotation starts from it. Then removes AWSPENDING as {@link removePending} does.
 */
export function protectAndRemovePending(examination: Examination, except: string | undefined): readonly LabelStep[] {
  const { secret, turns } = examination;
  const removal = removePending(examination, except);
  const other = turns?.other.search.kind === 'found' ? turns.other.search.inForce.versionId : undefined;
  return other === undefined || !lacksSentLabel(secret, other)
    ? removal
    : [{ kind: 'add-sent-label', versionId: other }, ...removal];
}

/**
 * Removes AWSPENDING, except from the version that becomes or stays AWSCURRENT. If the version
 * holds or may hold a password that is not in force, the version gets a sent label. The reason:
 * this password may be on its way to the cluster. A version for another user counts as such a
 * version, because two users may take turns without the knowledge of the command.
 */
function removePending({ secret, tried }: Examination, except: string | undefined): readonly LabelStep[] {
  const pending = holderOf(secret, AWSPENDING);
  if (pending === undefined || pending === except) {
    return [];
  }
  const mayBeSent = tried.some(
    ({ candidate, login, why }) =>
      candidate.versionId === pending && (login === 'rejected' || why === 'denied' || why === 'other host or user'),
  );
  return [
    ...(mayBeSent && lacksSentLabel(secret, pending) ? [{ kind: 'add-sent-label', versionId: pending } as const] : []),
    { kind: 'remove-pending', from: pending },
  ];
}

/**
 * Removes sent labels until the labels that the repair adds have room. The next rotation makes
 * room for its own label in the same order.
 *
 * @param added how many sent labels the repair adds
 */
export function makeRoom({ labelRoom }: Pick<Examination, 'labelRoom'>, added: number): readonly LabelStep[] {
  return (labelRoom?.removable ?? [])
    .slice(0, Math.max(0, added - (labelRoom?.free ?? 0)))
    .map(({ label, versionId: from }) => ({ kind: 'remove-sent-label', label, from }));
}

export function sentLabelsAddedBy(steps: readonly LabelStep[]): number {
  return steps.filter(({ kind }) => kind === 'add-sent-label').length;
}
