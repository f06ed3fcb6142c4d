import { explainAwsError } from '../aws/explain-aws-error.ts';
import { placeText } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { stepText } from '../change/step.ts';
import { loginEverywhere } from '../cluster/login.ts';
import type { Examination } from '../examine/examination.ts';
import { type ExaminationResult, type ExaminePorts, examineSecret, labelsMoved } from '../examine/examine-secret.ts';
import type { RestoreChoice } from '../examine/restore-target.ts';
import { interruptedBeforeChange } from '../outcome/failure.ts';
import { askForPlan, type ConsentAbout } from '../terminal/ask-for-plan.ts';
import { afterEarlierSteps, CHANGES_AGAIN, type RepairOutcome, type RepairReport, verdict } from './outcome.ts';
import { planRepair, type RepairPlan } from './plan.ts';
import { planRestore } from './plan-restore.ts';
import { type PreparedReset, type PrepareResetPorts, prepareReset, type ResetOptions } from './prepare-reset.ts';

export interface RepairOptions extends ResetOptions {
  /** Moves AWSCURRENT back to this version. */
  readonly restore: RestoreChoice | undefined;
}

export interface RepairPorts extends ExaminePorts, PrepareResetPorts, Omit<ChangePorts, 'secretId' | 'aws' | 'admin'> {
  /** Shows that the examination runs. */
  readonly whileExamining: (run: () => Promise<ExaminationResult>) => Promise<ExaminationResult>;
}

/** How many plans one command carries out, if the password changes after each of them. */
const MAX_PLANS = 3;

/** A report that grows. */
type Draft = { -readonly [Key in keyof Omit<RepairReport, 'outcome'>]: RepairReport[Key] };

/**
 * Moves AWSCURRENT to the accepted password, has an admin set a new one if there is none, and
 * removes what blocks a rotation. Examines the secret again after each plan, until nothing is left
 * to plan. Then the findings decide the outcome, as `status` reports them.
 */
export async function repairSecret(
  secretId: string,
  options: RepairOptions,
  ports: RepairPorts,
): Promise<RepairReport> {
  const draft: Draft = { secretId, found: undefined, examination: undefined, plan: [] };
  let done: readonly string[] = [];
  let changed = false;
  for (let plans = 0; plans < MAX_PLANS; plans += 1) {
    // After the labels have moved, AWSPREVIOUS is on another version than the operator meant. The
    // roles are granted.
    const own = changed ? { ...options, restore: undefined, roles: [] } : options;
    const outcome = await planAndCarryOut(draft, own, changed, ports);
    draft.plan = [...done, ...draft.plan];
    if (typeof outcome === 'object') {
      return { ...draft, outcome: 'code' in outcome && changed ? afterEarlierSteps(outcome) : outcome };
    }
    if (outcome === 'carried-out') {
      done = draft.plan;
      changed = true;
    }
  }
  return { ...draft, outcome: CHANGES_AGAIN };
}

/** @returns `carried-out` or `outdated` if the secret must be examined again */
async function planAndCarryOut(
  draft: Draft,
  options: RepairOptions,
  changed: boolean,
  ports: RepairPorts,
): Promise<RepairOutcome | 'carried-out' | 'outdated'> {
  const { secretId } = draft;
  const { restore } = options;
  draft.plan = [];
  const examination = await ports.whileExamining(async () => await examineSecret(secretId, { ...ports, restore }));
  if (ports.interrupted.aborted) {
    return interruptedBeforeChange();
  }
  if (examination.kind === 'refused') {
    return examination;
  }
  draft.found ??= examination;
  draft.examination = examination;
  try {
    const reset = restore ? undefined : await prepareReset(examination, options, keepingPlan(draft, ports));
    if (reset !== undefined && 'code' in reset) {
      return reset;
    }
    const plan =
      restore && examination.target
        ? planRestore(examination, restore, examination.target)
        : planRepair(examination, reset, ports.randomId);
    if (plan.kind !== 'plan') {
      return plan;
    }
    return plan.steps.length === 0
      ? verdict(examination, changed, ports.clock.now())
      : await askAndCarryOut(draft, examination, plan, reset, ports);
  } catch (error) {
    return { kind: 'failed', ...explainAwsError(error) };
  }
}

async function askAndCarryOut(
  draft: Draft,
  before: Examination,
  { steps, remarks }: RepairPlan,
  reset: PreparedReset | undefined,
  ports: RepairPorts,
): Promise<RepairOutcome | 'carried-out' | 'outdated'> {
  const { secretId } = draft;
  draft.plan = [...steps.map((step) => stepText(step, secretId, reset?.admin.adminSecret)), ...remarks];
  const about = { place: placeText(before.secret.arn), ...questionAbout(reset) };
  const refusal = await askForPlan(draft.plan, ports, about);
  if (refusal !== undefined) {
    return refusal;
  }
  if (reset?.lost !== undefined) {
    // A rotation may have set its password while the operator was asked. A reset would overwrite it.
    const now = await ports.whileExamining(async () => await examineSecret(secretId, ports));
    if (now.kind === 'refused') {
      return now;
    }
    if (ports.interrupted.aborted) {
      return interruptedBeforeChange();
    }
    if (now.search.kind !== before.search.kind || labelsMoved(before.secret, now.secret)) {
      return 'outdated';
    }
  }
  const { propagationMs } = before.strategy;
  const failure = await carryOut(steps, { ...ports, secretId, admin: reset?.admin, propagationMs });
  const proof = steps.findLast((step) => step.kind === 'log-in');
  if (failure === undefined && proof !== undefined) {
    // A late proxy would mislead the next examination, which logs in once with each password.
    await loginEverywhere(proof.credentials, { ...ports, propagationMs });
  }
  return failure ?? 'carried-out';
}

/** The name of a user that the repair can drop must be typed, because `y` is typed too easily. */
function questionAbout(reset: PreparedReset | undefined): ConsentAbout | undefined {
  if (reset?.lost?.recreation?.exists !== true) {
    return undefined;
  }
  const { username } = reset.lost.credentials;
  const question = `Carry this out? It can drop the user ${username}. Type the name of the user to confirm:`;
  return { question, confirmation: username };
}

/** The report has the plan also if the operator does not let the admin read the users. */
function keepingPlan(draft: Draft, ports: RepairPorts): RepairPorts {
  return {
    ...ports,
    askForConsent: (plan, about) => {
      draft.plan = plan;
      return ports.askForConsent(plan, about);
    },
  };
}
