import { failureOf } from '../aws/explain-aws-error.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import type { ChangeOutcome } from '../change/outcome.ts';
import { planChange, type WantedCredential } from '../change/plan.ts';
import { type Plan, planTexts } from '../change/step.ts';
import { EXAMINING } from '../examine/examine-secret.ts';
import { endIfInterrupted, interruptedBeforeChange } from '../outcome/failure.ts';
import { nameCredential, readUnnamed } from './ask-for-credential.ts';
import { type PlannedEntry, planEntry } from './entry.ts';
import type { InitOptions } from './init-definition.ts';
import { requireFit } from './refusals.ts';
import { type InitTarget, readTarget } from './target.ts';
import { wantUsers } from './users.ts';

/** What is known of a secret that fits. */
interface Prepared {
  readonly target: InitTarget;
  readonly users: readonly WantedCredential[];
  readonly entry: PlannedEntry;
  readonly plan: Plan;
}

export interface InitReport extends Partial<Prepared> {
  /** `ready`: something was changed, and the cluster accepts every stored credential. */
  readonly outcome: ChangeOutcome<'ready'>;
}

/** Takes a credential into rotation. Reports every outcome. */
export async function initSecret(options: InitOptions, ports: ChangePorts): Promise<InitReport> {
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(options, ports);
    const { plan, target } = prepared;
    if (plan.steps.length === 0) {
      return { ...prepared, outcome: { kind: 'in-order' } };
    }
    await ports.askForConsent(planTexts(plan), { place: target.place });
    await carryOut(plan, ports);
    return { ...prepared, outcome: { kind: 'ready' } };
  } catch (error) {
    const failure = failureOf(error, 'refused');
    const isInterrupted = prepared === undefined && ports.interrupted.aborted;
    return { ...prepared, outcome: isInterrupted ? interruptedBeforeChange() : failure };
  }
}

/**
 * Finds out what is to be done. Changes nothing. @throws FailureError, AwsError, SecretStoreError
 */
async function prepare(options: InitOptions, ports: ChangePorts): Promise<Prepared> {
  ports.showProgress(EXAMINING);
  const read = await readTarget(options, ports);
  requireFit(read, options, ports.secretId);
  const target = { ...read, usernames: await nameCredential(read, ports) };
  const { password, others } = await readUnnamed(target, ports);
  const users = await wantUsers(target, password, options, ports);
  const { examination, secret, known, isWrong, base } = target;
  const [current, other] = users;
  const plan = planChange(
    { ...examination, secret, strategy: known, current: base, others },
    { current, other, ifFull: 'refused', keepsPending: !isWrong && secret?.rotationEnabled },
    ports,
  );
  endIfInterrupted(ports);
  return { target, users, entry: planEntry(target, ports.secretId), plan };
}
