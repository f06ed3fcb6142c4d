import type { UsableCredential } from '../../credential/stored-credential.ts';
import { AWSPENDING, hasSentLabel, holderOf } from '../../secret/versions.ts';
import type { Examination } from '../examine/examine-secret.ts';
import type { InForceCredential } from '../examine/find-in-force.ts';
import { type Finding, searchFinding } from '../examine/findings.ts';
import type { RepairFailure, RepairOutcome } from './outcome.ts';

export type LabelStep =
  | { kind: 'promote'; to: string; from: string }
  | { kind: 'add-sent-label'; versionId: string }
  | { kind: 'remove-pending'; from: string };

/** `labelSteps` come last. Before them, `keep-edit` and `reset` promote a new version. */
export type RepairPlan = { readonly labelSteps: readonly LabelStep[] } & (
  | { kind: 'relabel'; inForce: InForceCredential }
  /** AWSCURRENT was edited. Stores the edited value with the password in force. */
  | { kind: 'keep-edit'; inForce: InForceCredential; current: UsableCredential }
  /** No stored password is in force. An admin sets a new password. */
  | { kind: 'reset'; current: UsableCredential }
);

/** Plans the move of AWSCURRENT to the password in force, or says why there is no plan. */
export function planRepair(examination: Examination): RepairPlan | RepairOutcome {
  if (examination.current === undefined) {
    return { ...impossible(searchFinding(examination.cluster)), code: 'unusable-secret' };
  }
  const { current, cluster } = examination;
  switch (cluster.kind) {
    case 'undecided':
    case 'not-enforced':
      return impossible(searchFinding(cluster));
    case 'none':
      return { kind: 'reset', current, labelSteps: removePending(examination, undefined) };
    case 'found': {
      const { inForce } = cluster;
      if (inForce.versionId === current.versionId) {
        const labelSteps = removePending(examination, current.versionId);
        return labelSteps.length === 0 ? { kind: 'in-order' } : { kind: 'relabel', inForce, labelSteps };
      }
      if (isEdited(current, inForce)) {
        return { kind: 'keep-edit', inForce, current, labelSteps: removePending(examination, undefined) };
      }
      // AWSCURRENT moves first, because applications read a wrong password until then.
      const promote = { kind: 'promote', to: inForce.versionId, from: current.versionId } as const;
      return { kind: 'relabel', inForce, labelSteps: [promote, ...removePending(examination, inForce.versionId)] };
    }
  }
}

/** Whether the values differ in more than the password. A promotion would undo the edit. */
function isEdited(current: UsableCredential, inForce: UsableCredential): boolean {
  return current.withPassword('') !== inForce.withPassword('');
}

/**
 * Removes AWSPENDING, except from the version that becomes or stays AWSCURRENT. If the password of
 * the version is or may be another one, the version gets a sent label, because this password may be
 * on its way to the cluster.
 */
function removePending({ secret, tried }: Examination, except: string | undefined): readonly LabelStep[] {
  const pending = holderOf(secret, AWSPENDING);
  if (pending === undefined || pending === except) {
    return [];
  }
  const mayBeSent = tried.some(
    ({ candidate, login, why }) => candidate.versionId === pending && (login === 'rejected' || why === 'denied'),
  );
  return [
    ...(mayBeSent && !hasSentLabel(secret, pending) ? [{ kind: 'add-sent-label', versionId: pending } as const] : []),
    { kind: 'remove-pending', from: pending },
  ];
}

function impossible({ severity, code, message, advice }: Finding): RepairFailure {
  return {
    kind: severity === 'undecided' ? 'unconfirmed' : 'failed',
    code,
    message,
    advice: `Nothing was changed. ${advice}`,
  };
}
