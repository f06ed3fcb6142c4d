import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { type Labels, planAccepted, planNewVersion, remarksOn, withRoom } from '../change/plan-labels.ts';
import { proveByLogin } from '../change/prove-by-login.ts';
import { resetPassword } from '../change/reset-password.ts';
import { sendEvent, storeVersion } from '../change/secret-steps.ts';
import type { Plan, PlanStep } from '../change/step.ts';
import type { Examination } from '../examine/examination.ts';
import { describeStaleCopies, requireNoStaleCopies } from '../examine/stale-copies.ts';
import { listDenied } from '../examine/tried-versions.ts';
import type { PreparedReset } from './prepare-reset.ts';

/**
 * Plans the steps that move AWSCURRENT to an accepted password, and remove what would stop the
 * next rotation.
 *
 * @param reset the steps of the admin. `undefined` without an admin, or if no reset is needed
 * @returns no step if there is nothing that this command can repair
 * @throws FailureError
 */
export function planRepair(examination: Examination, reset: PreparedReset | undefined, randomId: () => string): Plan {
  const { current, search } = examination;
  if (current === undefined) {
    return { steps: [], remarks: [] };
  }
  if (reset !== undefined) {
    const steps = planReset(examination, current, reset, randomId());
    const denied = listDenied(examination);
    const deniedRemark = denied && `${denied} One of their passwords may be accepted, so first ask for kms:Decrypt`;
    const remarks = [...(deniedRemark ? [deniedRemark] : []), ...examination.sameUser.notes];
    return planOf(examination, steps, remarks);
  }
  if (search.kind !== 'found') {
    return { steps: [], remarks: [] };
  }
  const steps = planAccepted(examination, current, search.accepted, randomId);
  if (steps.some(({ kind }) => kind === 'store')) {
    requireNoStaleCopies(examination);
  }
  const stale = steps.length === 0 ? [] : search.accepted.staleCopies({ changesUser: false });
  const remarks = stale.length === 0 ? [] : [`Version ${search.accepted.versionId} ${describeStaleCopies(stale)}`];
  return planOf(examination, steps, remarks);
}

/** @throws FailureError */
export function planOf(
  labels: Labels & Pick<Examination, 'strategy'>,
  steps: readonly PlanStep[],
  remarks: readonly string[],
): Plan {
  const withEvents = labels.strategy.config?.rotatedEvents ? withEvent(labels, steps) : steps;
  return {
    steps: withRoom(labels, withEvents, 'failed'),
    remarks: [...remarks, ...remarksOn(steps, labels)],
  };
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
    ? planNewVersion(examination, version, [resetStep, proveByLogin(reset)], current.versionId)
    : [storeVersion(version), resetStep];
}
