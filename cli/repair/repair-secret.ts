import { explainAwsError } from '../aws/explain-aws-error.ts';
import { type Examination, examineSecret } from '../examine/examine-secret.ts';
import { storedRolesFinding } from '../examine/user-findings.ts';
import { type Failure, failed, interruptedBeforeChange } from '../outcome/failure.ts';
import { askForPlan, askToUseAdmin, type ConsentAbout } from '../terminal/ask-for-plan.ts';
import { concernsRoles, type PreparedAdmin, prepareAdmin, type ResetOptions, readUser } from './admin/prepare-admin.ts';
import { carryOut } from './carry-out.ts';
import { describePlan } from './describe-plan.ts';
import { afterEarlierSteps, type Outdated, type RepairOutcome } from './outcome.ts';
import { planRepair, type RepairPlan } from './plan.ts';
import { planRestore } from './plan-restore.ts';
import type { RepairPorts } from './ports.ts';

export interface RepairReport {
  readonly secretId: string;
  /** `undefined` if the secret could not be examined. */
  readonly examination: Examination | undefined;
  /** The steps as text. */
  readonly plan: readonly string[];
  readonly outcome: RepairOutcome;
}

/** `restorePrevious`: moves AWSCURRENT back to the user in AWSPREVIOUS. */
export interface RepairOptions extends ResetOptions {
  readonly restorePrevious: boolean;
}

type Attempt = Omit<RepairReport, 'outcome'> & { readonly outcome: RepairOutcome | Outdated };

const PLANS_AT_MOST = 3;

/**
 * Moves AWSCURRENT to the password in force. If there is none, an admin can set a new one. If the
 * password changes meanwhile, examines the secret and plans again.
 */
export async function repairSecret(
  secretId: string,
  options: RepairOptions,
  ports: RepairPorts,
): Promise<RepairReport> {
  let changed = false;
  for (let left = PLANS_AT_MOST; ; left -= 1) {
    // After the labels have moved, AWSPREVIOUS is on another version than the operator meant.
    const restorePrevious = options.restorePrevious && !changed;
    const { outcome, ...report } = await planAndCarryOut(secretId, { ...options, restorePrevious }, ports);
    if (outcome.kind !== 'outdated') {
      return { ...report, outcome: changed ? afterEarlierSteps(outcome) : outcome };
    }
    if (left === 1) {
      return { ...report, outcome: changed ? afterEarlierSteps(outcome.failure) : outcome.failure };
    }
    changed ||= outcome.changed;
  }
}

async function planAndCarryOut(secretId: string, options: RepairOptions, ports: RepairPorts): Promise<Attempt> {
  const examination = await ports.whileExamining(
    async () => await examineSecret(secretId, { ...ports, alwaysExaminePrevious: options.restorePrevious }),
  );
  if (examination.kind === 'refused') {
    const outcome = ports.interrupted.aborted ? interruptedBeforeChange() : examination;
    return { secretId, examination: undefined, plan: [], outcome };
  }
  let described: readonly string[] = [];
  const report = (outcome: Attempt['outcome']): Attempt => ({ secretId, examination, plan: described, outcome });
  if (ports.interrupted.aborted) {
    return report(interruptedBeforeChange());
  }
  try {
    const show = (plan: readonly string[]): void => {
      described = plan;
    };
    const prepared = options.restorePrevious ? undefined : await prepareAdminAndUser(examination, options, ports, show);
    if (prepared !== undefined && prepared.kind !== 'prepared') {
      return report(ports.interrupted.aborted ? interruptedBeforeChange() : prepared);
    }
    const plan = options.restorePrevious
      ? planRestore(examination)
      : planRepair(examination, prepared !== undefined && concernsRoles(prepared));
    if (!('labelSteps' in plan)) {
      return report(withStoredRoles(plan, examination));
    }
    described = describePlan(plan, prepared, examination);
    const refusal = await askForPlan(described, ports, questionOf(plan, prepared));
    const store = ports.aws.store(secretId);
    const outcome =
      refusal ??
      (await carryOut(plan, prepared, examination, {
        ...ports,
        store,
        secretId,
        propagationMs: examination.strategy.propagationMs,
      }));
    return report(prepared === undefined ? withStoredRoles(outcome, examination) : outcome);
  } catch (error) {
    return report({ kind: 'failed', ...explainAwsError(error) });
  }
}

/** The name of a user that the repair can drop must be typed, because `y` is typed too easily. */
function questionOf(plan: RepairPlan, prepared: PreparedAdmin | undefined): ConsentAbout | undefined {
  if (plan.kind !== 'reset' || prepared?.recreation === undefined || prepared.recreation.exists === false) {
    return undefined;
  }
  const { username } = plan.current.credentials;
  const question = `Carry this out? It can drop the user ${username}. Type the name of the user to confirm:`;
  return { heading: 'plan', question, confirmation: username };
}

/** Shows what is known of the plan and asks before the first request of the admin. */
async function prepareAdminAndUser(
  examination: Examination,
  options: ResetOptions,
  ports: RepairPorts,
  show: (plan: readonly string[]) => void,
): Promise<PreparedAdmin | Failure | undefined> {
  const prepared = await prepareAdmin(examination, options, ports);
  const { current } = examination;
  if (prepared?.kind !== 'prepared' || current === undefined) {
    return prepared;
  }
  const plan = planRepair(examination, concernsRoles(prepared));
  if (!('labelSteps' in plan)) {
    return undefined;
  }
  const { username, endpoint } = current.credentials;
  const described = [
    `Log in at ${endpoint.url} with the credential in ${prepared.admin.adminSecret}, and read ${username} and its roles`,
    ...describePlan(plan, prepared, examination),
  ];
  show(described);
  return (await askToUseAdmin(described, endpoint.url, ports)) ?? (await readUser(prepared, current, ports));
}

/** Without an admin, the roles of an interrupted repair are still missing after success. */
function withStoredRoles(outcome: Attempt['outcome'], examination: Examination): Attempt['outcome'] {
  const finding = storedRolesFinding(examination);
  return finding === undefined || (outcome.kind !== 'in-order' && outcome.kind !== 'repaired')
    ? outcome
    : failed(finding.code, `AWSCURRENT is in force. ${finding.message}`, finding.advice);
}
