import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { logIn } from '../change/log-in.ts';
import { type Labels, planAccepted, planMove, planNewVersion, remarksOn, withRoom } from '../change/plan-labels.ts';
import { resetPassword } from '../change/reset-password.ts';
import { sendEvent, storeVersion } from '../change/secret-steps.ts';
import type { PlanStep } from '../change/step.ts';
import { nameOf } from '../credential-forms/forms.ts';
import type { Examination } from '../examine/examination.ts';
import { failureOfFinding } from '../examine/finding.ts';
import { searchFinding } from '../examine/findings.ts';
import type { RestoreTarget } from '../examine/restore-target.ts';
import { describeStaleCopies, refusalOfStaleCopies } from '../examine/stale-copies.ts';
import { listDenied } from '../examine/tried-versions.ts';
import { type Failure, failed, refused } from '../outcome/failure.ts';
import type { PreparedReset } from './prepare-reset.ts';

export interface RepairPlan {
  readonly kind: 'plan';
  /** Empty: there is nothing that this command can repair. */
  readonly steps: readonly PlanStep[];
  /** What the operator should know before a yes. */
  readonly remarks: readonly string[];
}

/**
 * Plans the steps that move AWSCURRENT to an accepted password, and remove what would stop the
 * next rotation.
 *
 * @param reset the steps of the admin. `undefined` without an admin, or if no reset is needed
 */
export function planRepair(
  examination: Examination,
  reset: PreparedReset | undefined,
  randomId: () => string,
): RepairPlan | Failure {
  const { current, search } = examination;
  if (current === undefined) {
    return { kind: 'plan', steps: [], remarks: [] };
  }
  if (reset !== undefined) {
    const steps = planReset(examination, current, reset, randomId());
    const denied = listDenied(examination);
    const deniedRemark = denied && `${denied} One of their passwords may be accepted, so first ask for kms:Decrypt`;
    const remarks = [...(deniedRemark ? [deniedRemark] : []), ...examination.sameUser.notes];
    return planOf(examination, steps, remarks);
  }
  if (search.kind !== 'found') {
    return { kind: 'plan', steps: [], remarks: [] };
  }
  const steps = planAccepted(examination, current, search.accepted, randomId);
  const storesEdit = steps.some(({ kind }) => kind === 'store');
  const stale = steps.length === 0 ? [] : search.accepted.staleCopies({ changesUser: false });
  const remarks = stale.length === 0 ? [] : [`Version ${search.accepted.versionId} ${describeStaleCopies(stale)}`];
  return (storesEdit ? refusalOfStaleCopies(examination) : undefined) ?? planOf(examination, steps, remarks);
}

export function planOf(
  labels: Labels & Pick<Examination, 'strategy'>,
  steps: readonly PlanStep[],
  remarks: readonly string[],
): RepairPlan | Failure {
  const planned = withRoom(labels, labels.strategy.config?.rotatedEvents ? withEvent(labels, steps) : steps);
  return 'code' in planned
    ? { kind: 'failed', ...planned }
    : { kind: 'plan', steps: planned, remarks: [...remarks, ...remarksOn(steps, labels)] };
}

/** The event follows the move at once, because a later step may fail. */
function withEvent({ secret: { arn, name } }: Labels, steps: readonly PlanStep[]): readonly PlanStep[] {
  return steps.flatMap((step): readonly PlanStep[] =>
    step.kind === 'promote'
      ? [step, sendEvent({ secretArn: arn, secretName: name, versionId: step.versionId ?? '' })]
      : [step],
  );
}

/**
 * The new password is stored before the cluster gets it. The other user stays beside AWSCURRENT.
 */
function planReset(
  examination: Examination,
  current: UsableCredential,
  reset: PreparedReset,
  versionId: string,
): readonly PlanStep[] {
  const { username, password } = reset.credentials;
  const version = { versionId, value: current.withCredential({ username, password }), what: 'a generated password' };
  const resetStep = resetPassword(reset.admin, reset);
  return username === current.credentials.username
    ? planNewVersion(examination, version, [resetStep, logIn(reset)], current.versionId)
    : [storeVersion(version), resetStep];
}

export function planRestore(examination: Examination, target: RestoreTarget): RepairPlan | Failure {
  const from = holderOf(examination.secret, AWSCURRENT);
  if (target.kind === 'missing' || from === undefined) {
    const what = from === undefined ? 'The secret has no AWSCURRENT.' : 'The secret has no such version with a value.';
    return refused('no-such-version', what, howToGoOn(examination));
  }
  if (target.kind === 'unusable') {
    return refused(
      'version-unusable',
      `The version is not a usable credential. ${target.problem}`,
      howToGoOn(examination),
    );
  }
  if (target.kind === 'not-pinned') {
    return refused('version-unusable', target.notPinned.message, howToGoOn(examination));
  }
  const { credential, search: found, labelRoom } = target;
  switch (found.kind) {
    case 'undecided':
    case 'not-enforced':
      return failureOfFinding(searchFinding(found));
    case 'none':
      return failed('version-rejected', 'The cluster rejects the credential of this version.', howToGoOn(examination));
    case 'found': {
      const { versionId } = credential;
      if (versionId === from) {
        return refused(
          'not-needed',
          'The cluster accepts the credential in AWSCURRENT, so AWSCURRENT does not need to move to this version.',
          'Nothing was changed. Run the command without the option.',
        );
      }
      const { credentials } = credential;
      const names = `AWSCURRENT then names ${nameOf(credentials)} at ${credentials.endpoint.url}. The value of version ${from} becomes AWSPREVIOUS`;
      const labels = { ...examination, labelRoom };
      return planOf(labels, planMove(labels, found.accepted, from), [names]);
    }
  }
}

function howToGoOn({ secret: { name } }: Examination): string {
  return `Nothing was changed. See with \`zilliz-rotation status ${name}\` which versions the cluster accepts, or store a valid credential in the secret.`;
}
