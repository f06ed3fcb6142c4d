import { failureOf } from '../aws/explain-aws-error.ts';
import { placeText } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import type { ChangeOutcome } from '../change/outcome.ts';
import { planTexts } from '../change/step.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import type { Examination } from '../examine/examination.ts';
import { EXAMINING, examineSecret, labelsMoved } from '../examine/examine-secret.ts';
import { blocksRotation, endWithFinding, type Finding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { endIfInterrupted, type Failure, orEnd, refuse } from '../outcome/failure.ts';
import { createKeyLike } from './create-key.ts';
import { planRepair, planRestore } from './plan.ts';
import type { RepairCommandOptions } from './repair-definition.ts';

export interface RepairReport {
  /** After the last change. `undefined` if the secret could not be examined. */
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
  let examination: Examination | undefined;
  let isCarriedOut = false;
  try {
    examination = await examine(ports);
    if ((await planAndCarryOut(examination, options, ports)) === 'in-order') {
      return { examination, outcome: { kind: 'in-order' } };
    }
    isCarriedOut = true;
    examination = await examine(ports);
    const finding = blockingFinding(examination, ports);
    return finding === undefined ? { examination, outcome: { kind: 'repaired' } } : endWithFinding(finding, 'failed');
  } catch (error) {
    const failure = failureOf(error, examination === undefined ? 'refused' : 'failed');
    return { examination, outcome: isCarriedOut ? afterChange(failure) : failure };
  }
}

/** @throws FailureError */
async function examine(ports: ChangePorts): Promise<Examination> {
  ports.showProgress(EXAMINING);
  const result = await examineSecret(ports.secretId, ports);
  endIfInterrupted(ports);
  return orEnd<Examination>(result);
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

/** @throws FailureError, AwsError, SecretStoreError */
async function planAndCarryOut(
  before: Examination,
  options: RepairCommandOptions,
  ports: ChangePorts,
): Promise<'in-order' | 'carried-out'> {
  const { secret, current, search, keys } = before;
  if (options.like !== undefined && current !== undefined && search.kind === 'none' && keys !== undefined) {
    if ('severity' in keys) {
      endWithFinding(keys, 'failed');
    }
    await createKeyLike(options.like, keys, current, before, ports);
    return 'carried-out';
  }
  const plan =
    options.version === undefined
      ? await planRepair(before, options.adminSecret, ports)
      : await planRestore(options.version, before, ports);
  if (plan.steps.length === 0) {
    const finding = blockingFinding(before, ports);
    return finding === undefined ? 'in-order' : endWithFinding(finding, 'failed');
  }
  await ports.askForConsent(planTexts(plan), { place: placeText(secret.arn) });
  if (plan.steps.some(({ kind }) => kind === 'reset-password')) {
    await requireUnchanged(before, ports);
  }
  await carryOut(plan, ports);
  const proven = plan.steps.findLast(({ kind }) => kind === 'log-in')?.credentials;
  if (proven !== undefined) {
    // A late proxy would mislead the next examination, which logs in once with each password.
    await loginWithCheck(proven, { ...ports, propagationMs: plan.propagationMs }, 'everywhere');
  }
  return 'carried-out';
}

/**
 * A rotation may have set its password while the operator was asked. A reset would overwrite it.
 *
 * @throws FailureError
 */
async function requireUnchanged(before: Examination, ports: ChangePorts): Promise<void> {
  const now = await examine(ports);
  if (now.search.kind !== before.search.kind || labelsMoved(before.secret, now.secret)) {
    refuse(
      'changed-meanwhile',
      'The accepted credential or a label has changed since the plan, probably by a rotation.',
      'Run the command again to plan from the new state.',
    );
  }
}
