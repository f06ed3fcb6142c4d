import { failureOf } from '../aws/explain-aws-error.ts';
import { placeText, readPlace } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import type { ChangeOutcome } from '../change/outcome.ts';
import { planChange } from '../change/plan.ts';
import { type Plan, planTexts } from '../change/step.ts';
import { EXAMINING } from '../examine/examine-secret.ts';
import { endIfInterrupted, interruptedBeforeChange } from '../outcome/failure.ts';
import { type PlannedEntry, planEntry } from './entry.ts';
import type { InitOptions } from './init-definition.ts';
import { requireFit } from './refusals.ts';
import { type InitTarget, readTarget } from './target.ts';
import { type WantedUsers, wantUsers } from './users.ts';

export interface InitReport {
  /** `undefined` if the secret could not be read, or does not fit. */
  readonly target: InitTarget | undefined;
  readonly users: WantedUsers['users'];
  readonly entry: PlannedEntry | undefined;
  /** `ready`: something was changed, and the cluster accepts every stored credential. */
  readonly outcome: ChangeOutcome<'ready'>;
}

/** Takes a credential into rotation. Reports every outcome. */
export async function initSecret(options: InitOptions, ports: ChangePorts): Promise<InitReport> {
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(options, ports);
    const { plan, place } = prepared;
    if (plan.steps.length === 0) {
      return { ...prepared, outcome: { kind: 'in-order' } };
    }
    await ports.askForConsent(planTexts(plan), { place });
    await carryOut(plan.steps, ports);
    return { ...prepared, outcome: { kind: 'ready' } };
  } catch (error) {
    const failure = failureOf(error, 'refused');
    return prepared === undefined
      ? { ...UNPREPARED, outcome: ports.interrupted.aborted ? interruptedBeforeChange() : failure }
      : { ...prepared, outcome: failure };
  }
}

const UNPREPARED = { target: undefined, users: [], entry: undefined };

interface Prepared extends Omit<InitReport, 'outcome'> {
  readonly plan: Plan;
  /** The account and the region in use. */
  readonly place: string | undefined;
}

/**
 * Finds out what is to be done. Changes nothing. @throws FailureError, AwsError, SecretStoreError
 */
async function prepare(options: InitOptions, ports: ChangePorts): Promise<Prepared> {
  ports.showProgress(EXAMINING);
  const read = await readTarget(options, ports);
  requireFit(read, options, ports.secretId);
  const place = read.secret === undefined ? await readPlace(ports.aws) : placeText(read.secret.arn);
  const { target, users } = await wantUsers(read, options, place, ports);
  const { examination, secret, isWrong, base, unnamed } = target;
  const [current, other] = users;
  const plan = planChange(
    { ...examination, secret, base, others: unnamed.others },
    { current, other, keepsPending: !isWrong && secret?.rotationEnabled, ifFull: 'refused' },
    ports,
  );
  endIfInterrupted(ports);
  return { target, users, entry: planEntry(target, ports.secretId), plan, place };
}
