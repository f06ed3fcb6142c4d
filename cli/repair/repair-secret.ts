import type { Cluster } from '../../cluster/cluster.ts';
import type { SecretStore } from '../../secret/store.ts';
import type { Aws } from '../aws/aws.ts';
import type { Clock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { type Examination, examineSecret } from '../examine/examine-secret.ts';
import { explainError } from '../explain-error.ts';
import { describePlan } from './describe-plan.ts';
import { isEdited, keepEdit } from './keep-edit.ts';
import type { RepairOutcome } from './outcome.ts';
import { planRepair, type RepairPlan } from './plan.ts';
import { prepareReset, type ResetOptions, type ResetPreparation } from './prepare-reset.ts';
import { relabel } from './relabel.ts';
import { resetPassword } from './reset-password.ts';

export interface RepairPorts {
  readonly aws: Aws;
  /** The store of the admin's secret, which may be in another region. */
  readonly adminStore: (secretId: string) => SecretStore;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
  readonly newPassword: () => string;
  /** Shows the plan and asks; `unasked` when there is nobody to ask. */
  readonly consent: (plan: readonly string[]) => Promise<'yes' | 'no' | 'unasked'>;
}

export interface RepairReport {
  readonly secretId: string;
  /** `undefined` when the secret could not be examined. */
  readonly examination: Examination | undefined;
  /** What was to be done, in sentences. */
  readonly plan: readonly string[];
  readonly outcome: RepairOutcome;
}

type Change = Extract<RepairPlan, { kind: 'relabel' | 'keep-edit' | 'reset' }>;

/** Puts AWSCURRENT on the stored version in force, or, where none is, has an admin set a new password. */
export async function repairSecret(secretId: string, options: ResetOptions, ports: RepairPorts): Promise<RepairReport> {
  const examined = await examineSecret(secretId, options, ports);
  if (examined.kind === 'refused') {
    return { secretId, examination: undefined, plan: [], outcome: examined };
  }
  const report = (outcome: RepairOutcome, plan: readonly string[] = []): RepairReport => ({
    secretId,
    examination: examined,
    plan,
    outcome,
  });
  let described: readonly string[] = [];
  try {
    const plan = planRepair(examined, await isEdited(examined, ports.aws.store(secretId)));
    if (plan.kind === 'in-order') {
      return report(plan);
    }
    if (plan.kind === 'impossible') {
      return report({ ...plan, kind: plan.because });
    }
    const reset = plan.kind === 'reset' ? await prepareReset(examined, plan.current, options, ports) : undefined;
    if (reset !== undefined && reset.kind !== 'prepared') {
      return report(reset);
    }
    described = describePlan(plan, reset, examined);
    const withheld = await withoutConsent(described, ports);
    return report(withheld ?? (await carryOut(plan, reset, secretId, ports)), described);
  } catch (error) {
    return report({ kind: 'failed', ...explainError(error) }, described);
  }
}

async function withoutConsent(plan: readonly string[], ports: RepairPorts): Promise<RepairOutcome | undefined> {
  const consent = await ports.consent(plan);
  if (ports.interrupted.aborted) {
    return { kind: 'interrupted', code: 'interrupted', message: 'Interrupted.', advice: 'Nothing was changed.' };
  }
  switch (consent) {
    case 'yes':
      return undefined;
    case 'no':
      return {
        kind: 'refused',
        code: 'declined',
        message: 'Nothing was changed.',
        advice: 'Repeat when you are ready.',
      };
    case 'unasked':
      return {
        kind: 'refused',
        code: 'consent-needed',
        message: 'This is the plan. Nothing was changed.',
        advice: 'Repeat with --yes to carry it out.',
      };
  }
}

async function carryOut(
  plan: Change,
  reset: ResetPreparation | undefined,
  secretId: string,
  ports: RepairPorts,
): Promise<RepairOutcome> {
  const store = ports.aws.store(secretId);
  if (plan.kind === 'relabel') {
    const stopped = await relabel(plan.steps, plan.credentials, store, ports.cluster);
    return stopped ?? { kind: 'repaired', versionId: plan.candidate.versionId };
  }
  if (plan.kind === 'keep-edit') {
    return await keepEdit(plan, { ...ports, store });
  }
  if (reset === undefined) {
    throw new TypeError('a reset was not prepared');
  }
  const { current, currentId } = plan;
  const done = await resetPassword({ ...reset, current, currentId }, { ...ports, store });
  if (done.kind !== 'reset') {
    return done;
  }
  const promote = { kind: 'promote', to: done.versionId, from: currentId } as const;
  const stopped = await relabel([promote, ...plan.after], done.credentials, store, ports.cluster);
  if (stopped?.kind === 'refused') {
    // Not as if nothing had happened: the password is set, and stored for the next run to find.
    return { ...stopped, kind: 'failed' };
  }
  return stopped ?? done.lacking ?? { kind: 'repaired', versionId: done.versionId };
}
