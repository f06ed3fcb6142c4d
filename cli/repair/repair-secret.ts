import { type Examination, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import { explainAwsError } from '../explanation.ts';
import { type Failure, interruptedBeforeChange } from '../failure.ts';
import { type AskForConsent, askForPlan } from '../terminal/ask-for-plan.ts';
import { describePlan } from './describe-plan.ts';
import { moveLabels } from './move-labels.ts';
import { type NewVersion, storeNewVersion } from './new-version.ts';
import type { RepairOutcome } from './outcome.ts';
import { planRepair, type RepairPlan } from './plan.ts';
import { type PreparedAdmin, type ResetOptions, type ResetPorts, readAdminAndUser } from './read-admin-and-user.ts';
import { grantRoles } from './recreate-user.ts';
import { type ChangePorts, resetPassword } from './reset-password.ts';

export interface RepairPorts extends ExaminePorts, ResetPorts, Omit<ChangePorts, 'store'> {
  readonly askForConsent: AskForConsent;
}

export interface RepairReport {
  readonly secretId: string;
  /** `undefined` if the secret could not be examined. */
  readonly examination: Examination | undefined;
  /** The steps as text. */
  readonly plan: readonly string[];
  readonly outcome: RepairOutcome;
}

/** Moves AWSCURRENT to the password in force. If there is none, an admin can set a new one. */
export async function repairSecret(secretId: string, options: ResetOptions, ports: RepairPorts): Promise<RepairReport> {
  const examination = await examineSecret(secretId, ports);
  if (examination.kind === 'refused') {
    const outcome = ports.interrupted.aborted ? interruptedBeforeChange() : examination;
    return { secretId, examination: undefined, plan: [], outcome };
  }
  if (ports.interrupted.aborted) {
    return { secretId, examination, plan: [], outcome: interruptedBeforeChange() };
  }
  let described: readonly string[] = [];
  const report = (outcome: RepairOutcome): RepairReport => ({ secretId, examination, plan: described, outcome });
  try {
    const prepared = await readAdminAndUser(examination, options, ports);
    if (prepared !== undefined && prepared.kind !== 'prepared') {
      return report(prepared);
    }
    const plan = planRepair(examination, prepared?.missingRoles ?? []);
    if (!('labelSteps' in plan)) {
      return report(plan);
    }
    described = describePlan(plan, prepared, examination);
    const refusal = await askForPlan(described, ports);
    const store = ports.aws.store(secretId);
    return report(refusal ?? (await carryOut(plan, prepared, { ...ports, store })));
  } catch (error) {
    return report({ kind: 'failed', ...explainAwsError(error) });
  }
}

async function carryOut(
  plan: RepairPlan,
  prepared: PreparedAdmin | undefined,
  ports: ChangePorts,
): Promise<RepairOutcome> {
  if (plan.kind === 'reset') {
    return await reset(plan, prepared, ports);
  }
  const outcome = await (plan.kind === 'relabel' ? relabel(plan, ports) : keepEdit(plan, ports));
  if (outcome.kind !== 'repaired' || prepared === undefined) {
    return outcome;
  }
  const { username } = plan.inForce.credentials;
  return (await grantRoles(username, prepared.missingRoles, prepared.admin, ports.adminCluster)) ?? outcome;
}

type PlanOf<Kind extends RepairPlan['kind']> = Extract<RepairPlan, { kind: Kind }>;

async function relabel({ inForce, labelSteps }: PlanOf<'relabel'>, ports: ChangePorts): Promise<RepairOutcome> {
  const { versionId, credentials } = inForce;
  return (await moveLabels(labelSteps, credentials, ports)) ?? { kind: 'repaired', versionId };
}

async function keepEdit(plan: PlanOf<'keep-edit'>, ports: ChangePorts): Promise<RepairOutcome> {
  const refusal = await moveLabels(plan.roomSteps, plan.inForce.credentials, ports);
  if (refusal !== undefined) {
    return refusal;
  }
  const version = await storeNewVersion(plan.current, plan.inForce.credentials.password, ports);
  const failure = await promote(version, plan, ports);
  if (failure !== undefined && failure.kind !== 'failed') {
    // AWSCURRENT did not move, and another version has the same password.
    await version.removeSentLabel();
  }
  return failure ?? { kind: 'repaired', versionId: version.versionId };
}

async function reset(
  plan: PlanOf<'reset'>,
  prepared: PreparedAdmin | undefined,
  ports: ChangePorts,
): Promise<RepairOutcome> {
  if (prepared === undefined) {
    throw new TypeError('the reset was not prepared');
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
  return failure ?? done.incomplete ?? { kind: 'repaired', versionId: done.version.versionId };
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
