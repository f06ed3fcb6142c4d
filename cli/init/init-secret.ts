import { explainAwsError } from '../aws/explain-aws-error.ts';
import { placeText, readPlace } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangeOutcome } from '../change/outcome.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import { type PlannedEntry, planEntry } from './entry.ts';
import type { InitRequest } from './init-definition.ts';
import { type InitPlan, planInit } from './plan.ts';
import { refusalOf } from './refusals.ts';
import { type InitTarget, readTarget } from './target.ts';
import { type InitPorts, type PreparedUsers, prepareUsers } from './users.ts';

export interface InitReport {
  readonly secretId: string;
  /** `undefined` if the secret could not be read, or does not fit. */
  readonly target: InitTarget | undefined;
  readonly users: PreparedUsers['users'];
  readonly notes: readonly string[];
  readonly entry: PlannedEntry | undefined;
  /** `ready`: something was changed, and the cluster accepts every stored credential. */
  readonly outcome: ChangeOutcome<'ready'>;
}

/** Takes a credential into rotation. Reports every outcome. */
export async function initSecret(request: InitRequest, ports: InitPorts): Promise<InitReport> {
  const { secretId } = request;
  const prepared = await prepare(request, ports).catch(
    (error: unknown): Failure => ({ kind: 'refused', ...explainAwsError(error) }),
  );
  if (ports.interrupted.aborted || 'code' in prepared) {
    const outcome = ports.interrupted.aborted || !('code' in prepared) ? interruptedBeforeChange() : prepared;
    return { secretId, target: undefined, users: [], notes: [], entry: undefined, outcome };
  }
  const { steps, remarks, place, ...planned } = prepared;
  const plan = [...steps.map(({ text }) => text), ...remarks];
  const outcome =
    steps.length === 0
      ? { kind: 'in-order' as const }
      : ((await ports.askForConsent(plan, { place })) ?? (await carryOut(steps, ports)) ?? { kind: 'ready' as const });
  return { secretId, ...planned, outcome };
}

interface Prepared extends Omit<InitReport, 'secretId' | 'outcome'>, InitPlan {
  /** The account and the region in use. */
  readonly place: string | undefined;
}

/** Finds out what is to be done. Changes nothing. */
async function prepare(request: InitRequest, ports: InitPorts): Promise<Prepared | Failure> {
  const { secretId } = request;
  ports.showProgress('reading the secret, and logging in with its stored credentials');
  const read = await readTarget(request, ports);
  const refusal = 'code' in read ? read : refusalOf(read, request);
  if ('code' in read || refusal !== undefined) {
    return refusal ?? interruptedBeforeChange();
  }
  const place = read.secret === undefined ? await readPlace(ports.aws) : placeText(read.secret.arn);
  const prepared = await prepareUsers(read, { ...request, place }, ports);
  if ('code' in prepared) {
    return prepared;
  }
  const { users, target } = prepared;
  const planned = planInit(target, prepared, request, ports.randomId);
  if ('code' in planned) {
    return planned;
  }
  const entry = planEntry(target, secretId);
  return { target, users, notes: entry.notes, entry, ...planned, place };
}
