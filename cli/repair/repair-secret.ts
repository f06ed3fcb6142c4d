import { explainAwsError } from '../aws/explain-aws-error.ts';
import { placeText } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import type { ChangeOutcome } from '../change/outcome.ts';
import { loginEverywhere } from '../cluster/login.ts';
import type { Examination } from '../examine/examination.ts';
import { examineSecret, labelsMoved } from '../examine/examine-secret.ts';
import { blocksRotation, type Finding, failureOfFinding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { type Failure, interruptedBeforeChange, refused } from '../outcome/failure.ts';
import { createKeyLike } from './create-key.ts';
import { planRepair, planRestore } from './plan.ts';
import { prepareReset } from './prepare-reset.ts';
import type { RepairCommandOptions } from './repair-definition.ts';

export interface RepairReport {
  /** Before the first change. `undefined` if the secret could not be examined. */
  readonly found: Examination | undefined;
  readonly examination: Examination | undefined;
  /** `repaired`: the command has changed something. `in-order`, too: nothing blocks a rotation. */
  readonly outcome: ChangeOutcome<'repaired'>;
}

/**
 * Moves AWSCURRENT to the accepted password, has an admin set a new one if there is none, and
 * removes what blocks a rotation. Then examines the secret again: the findings decide the outcome,
 * as `status` reports them.
 */
export async function repairSecret(options: RepairCommandOptions, ports: ChangePorts): Promise<RepairReport> {
  const found = await examine(ports, options.version);
  if (found.kind !== 'examined') {
    return { found: undefined, examination: undefined, outcome: found };
  }
  const end = (outcome: ChangeOutcome<'repaired'>, examination = found): RepairReport => {
    return { found, examination, outcome };
  };
  try {
    const outcome = await planAndCarryOut(found, options, ports);
    if (outcome !== 'carried-out') {
      return end(outcome);
    }
  } catch (error) {
    return end({ kind: 'failed', ...explainAwsError(error) });
  }
  const after = await examine(ports);
  if (after.kind !== 'examined') {
    return end(afterChange(after));
  }
  const finding = blockingFinding(after, ports);
  return end(finding === undefined ? { kind: 'repaired' } : afterChange(failureOfFinding(finding)), after);
}

/** @param restore the version to which AWSCURRENT shall move back */
async function examine(ports: ChangePorts, restore?: string): Promise<Examination | Failure> {
  ports.showProgress('reading the secret, and logging in with its stored credentials');
  const result = await examineSecret(ports.secretId, { ...ports, restore });
  return ports.interrupted.aborted ? interruptedBeforeChange() : result;
}

function blockingFinding(examination: Examination, { clock }: ChangePorts): Finding | undefined {
  const blocking = findingsOf(examination, clock.now()).filter(blocksRotation);
  return blocking.find(({ severity }) => severity === 'problem') ?? blocking[0];
}

/** The texts must not say that nothing was changed, because the plan has moved labels. */
function afterChange({ kind, code, message, advice }: Failure): Failure {
  return {
    kind: kind === 'refused' ? 'failed' : kind,
    code,
    message: `Every step of the plan is done. ${message}`,
    advice: advice.replaceAll('Nothing was changed.', 'Nothing else was changed.'),
  };
}

async function planAndCarryOut(
  before: Examination,
  options: RepairCommandOptions,
  ports: ChangePorts,
): Promise<ChangeOutcome<'repaired'> | 'carried-out'> {
  const { secret, current, search, keys, target } = before;
  if (options.like !== undefined && current !== undefined && search.kind === 'none' && keys !== undefined) {
    return 'severity' in keys
      ? failureOfFinding(keys)
      : await createKeyLike(options.like, keys, current, before, ports);
  }
  const reset = await prepareReset(before, options.adminSecret, ports);
  if (reset !== undefined && 'code' in reset) {
    return reset;
  }
  const planned = target ? planRestore(before, target) : planRepair(before, reset, ports.randomId);
  if (planned.kind !== 'plan') {
    return planned;
  }
  const { steps, remarks } = planned;
  if (steps.length === 0) {
    const finding = blockingFinding(before, ports);
    return finding === undefined ? { kind: 'in-order' } : failureOfFinding(finding);
  }
  const plan = [...steps.map(({ text }) => text), ...remarks];
  const refusal =
    (await ports.askForConsent(plan, { place: placeText(secret.arn) })) ??
    (reset && (await refuseIfChanged(before, ports)));
  if (refusal !== undefined) {
    return refusal;
  }
  const { propagationMs } = before.strategy.config ?? {};
  const failure = await carryOut(steps, { ...ports, propagationMs });
  const proven = steps.findLast(({ kind }) => kind === 'log-in')?.credentials;
  if (failure === undefined && proven !== undefined) {
    // A late proxy would mislead the next examination, which logs in once with each password.
    await loginEverywhere(proven, { ...ports, propagationMs });
  }
  return failure ?? 'carried-out';
}

/**
 * A rotation may have set its password while the operator was asked. A reset would overwrite it.
 */
async function refuseIfChanged(before: Examination, ports: ChangePorts): Promise<Failure | undefined> {
  const now = await examine(ports);
  if (now.kind !== 'examined') {
    return now;
  }
  return now.search.kind === before.search.kind && !labelsMoved(before.secret, now.secret)
    ? undefined
    : refused(
        'changed-meanwhile',
        'The accepted credential or a label has changed since the plan, probably by a rotation.',
        'Nothing was changed. Run the command again to plan from the new state.',
      );
}
