import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { type Examination, examineSecret, labelsMoved } from '../examine/examine-secret.ts';
import { type Failure, interruptedBeforeChange, refused } from '../outcome/failure.ts';
import { confirmRoles } from './admin/confirm-roles.ts';
import type { PreparedAdmin } from './admin/prepare-admin.ts';
import { resetPassword } from './admin/reset-password.ts';
import { moveLabels } from './move-labels.ts';
import { type NewVersion, storeNewVersion } from './new-version.ts';
import type { Outdated, RepairOutcome } from './outcome.ts';
import type { RepairPlan } from './plan.ts';
import type { ChangePorts, RepairPorts } from './ports.ts';
import { proveRepair } from './prove-repair.ts';

/** AWSCURRENT is on the version with these credentials. */
interface Promoted {
  readonly kind: 'promoted';
  readonly versionId: string;
  readonly credentials: Credentials;
  /** Set if the cluster did not confirm every role. */
  readonly incomplete: Failure | undefined;
}

type PlanOf<Kind extends RepairPlan['kind']> = Extract<RepairPlan, { kind: Kind }>;

/** Carries the plan out, then logs in once more. */
export async function carryOut(
  plan: RepairPlan,
  prepared: PreparedAdmin | undefined,
  examination: Examination,
  ports: RepairPorts & ChangePorts,
): Promise<RepairOutcome | Outdated> {
  const promoted = await promoteInForce(plan, prepared, examination, ports);
  return promoted.kind === 'promoted'
    ? ((await proveRepair(promoted.credentials, ports)) ??
        promoted.incomplete ?? { kind: 'repaired', versionId: promoted.versionId })
    : promoted;
}

async function promoteInForce(
  plan: RepairPlan,
  prepared: PreparedAdmin | undefined,
  examination: Examination,
  ports: RepairPorts & ChangePorts,
): Promise<Promoted | Failure | Outdated> {
  if (plan.kind === 'reset') {
    return await reset(plan, prepared, examination, ports);
  }
  const promoted = await (plan.kind === 'relabel' ? relabel(plan, ports) : keepEdit(plan, ports));
  if (promoted.kind !== 'promoted' || prepared === undefined) {
    return promoted;
  }
  return {
    ...promoted,
    incomplete: await confirmRoles(promoted.credentials.username, prepared.wanted, prepared.admin, ports),
  };
}

async function relabel({ inForce, labelSteps }: PlanOf<'relabel'>, ports: ChangePorts): Promise<Promoted | Failure> {
  const { versionId, credentials } = inForce;
  return (
    (await moveLabels(labelSteps, credentials, ports)) ?? {
      kind: 'promoted',
      versionId,
      credentials,
      incomplete: undefined,
    }
  );
}

async function keepEdit(plan: PlanOf<'keep-edit'>, ports: ChangePorts): Promise<Promoted | Failure> {
  const refusal = await moveLabels(plan.roomSteps, plan.inForce.credentials, ports);
  if (refusal !== undefined) {
    return refusal;
  }
  const version = await storeNewVersion(plan.current, plan.inForce.credentials.password, ports);
  const failure = await promote(version, plan, ports);
  if (failure !== undefined && failure.kind !== 'failed') {
    // The new version stays unused. The version in force has the same password.
    await version.removeSentLabel();
  }
  return failure ?? { ...version, kind: 'promoted', incomplete: undefined };
}

async function reset(
  plan: PlanOf<'reset'>,
  prepared: PreparedAdmin | undefined,
  examination: Examination,
  ports: RepairPorts & ChangePorts,
): Promise<Promoted | Failure | Outdated> {
  if (prepared === undefined) {
    throw new TypeError('the reset was not prepared');
  }
  const doubt = await examineAgain(examination, ports);
  if (doubt !== undefined) {
    return doubt;
  }
  const done = await resetPassword(plan.current, prepared, ports);
  if (done.kind !== 'reset') {
    return done;
  }
  const failure = await promote(done.version, plan, ports);
  if (failure?.kind === 'refused') {
    // The password has changed, so the outcome must not say that nothing changed.
    return { ...failure, kind: 'failed' };
  }
  return failure ?? { ...done.version, kind: 'promoted', incomplete: done.incomplete };
}

/**
 * A rotation may have set its password while the operator was asked. A reset would overwrite it.
 *
 * @returns `undefined` if there is still no password in force
 */
async function examineAgain(before: Examination, ports: RepairPorts): Promise<Failure | Outdated | undefined> {
  const now = await ports.whileExamining(async () => await examineSecret(before.secretId, ports));
  if (now.kind === 'refused') {
    return now;
  }
  if (ports.interrupted.aborted) {
    return interruptedBeforeChange();
  }
  return now.cluster.kind === 'none' && !labelsMoved(before.secret, now.secret)
    ? undefined
    : {
        kind: 'outdated',
        changed: false,
        failure: refused(
          'changed-meanwhile',
          'A label or the password in force has changed since the plan was made.',
          'Nothing was changed. A rotation may be running. Run the command again.',
        ),
      };
}

async function promote(
  { versionId, credentials }: NewVersion,
  { current, labelSteps }: PlanOf<'keep-edit'> | PlanOf<'reset'>,
  ports: ChangePorts,
): Promise<Failure | undefined> {
  return await moveLabels(
    [{ kind: 'promote', to: versionId, from: current.versionId }, ...labelSteps],
    credentials,
    ports,
  );
}
