import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { placeText, readPlace } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { type PlanStep, stepText } from '../change/step.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import { askForPlan } from '../terminal/ask-for-plan.ts';
import type { Task } from '../terminal/run-task.ts';
import { type PlannedEntry, planEntry } from './entry.ts';
import type { InitRequest } from './init-definition.ts';
import { planInit } from './plan.ts';
import { prepareKey } from './prepare-key.ts';
import { refusalOf } from './refusals.ts';
import { type InitTarget, readTarget } from './target.ts';
import { findUsers, type PreparedUsers, type PreparePorts, prepareUsers } from './users.ts';

/** `ready`: the command has changed something, and the cluster accepts every stored credential. */
export type InitOutcome = { readonly kind: 'ready' | 'in-order' } | Failure;

export interface InitReport {
  readonly secretId: string;
  /** `undefined` if the secret could not be read, or does not fit. */
  readonly target: InitTarget | undefined;
  readonly users: PreparedUsers['users'];
  /** The steps as text. */
  readonly plan: readonly string[];
  readonly notes: readonly string[];
  readonly entry: PlannedEntry | undefined;
  readonly outcome: InitOutcome;
}

interface ShownWork<T> extends Pick<Task<T>, 'doing' | 'run'> {
  /** How the work ended if it did not fail, as one short line. */
  readonly done: string;
}

export interface InitPorts extends PreparePorts, Omit<ChangePorts, 'secretId' | 'aws' | 'admin' | 'showProgress'> {
  /** Runs work and shows its progress. */
  readonly runShown: <T extends object>(work: ShownWork<T | Failure>) => Promise<T | Failure>;
}

/** Takes one user, or two users that take turns, into rotation. Reports every outcome. */
export async function initSecret(request: InitRequest, ports: InitPorts): Promise<InitReport> {
  const { secretId } = request;
  let asked: readonly string[] = [];
  const askForConsent: InitPorts['askForConsent'] = (plan, about) => {
    asked = plan;
    return ports.askForConsent(plan, about);
  };
  const prepared = await prepare(request, { ...ports, askForConsent }).catch(
    (error: unknown): Failure => ({ kind: 'refused', ...explainAwsError(error) }),
  );
  if (ports.interrupted.aborted || 'code' in prepared) {
    const outcome = ports.interrupted.aborted || !('code' in prepared) ? interruptedBeforeChange() : prepared;
    return { secretId, target: undefined, users: [], plan: asked, notes: [], entry: undefined, outcome };
  }
  const { steps, admin, place, ...planned } = prepared;
  const outcome =
    steps.length === 0
      ? { kind: 'in-order' as const }
      : ((await askForPlan(planned.plan, ports, { place })) ??
        (await ports.runShown<InitOutcome>({
          run: async (showProgress) =>
            (await carryOut(steps, { ...ports, secretId, admin, showProgress })) ?? { kind: 'ready' },
          done: 'ready for rotation',
        })));
  return { secretId, ...planned, outcome };
}

interface Prepared extends Omit<InitReport, 'secretId' | 'outcome'>, Pick<PreparedUsers, 'admin'> {
  readonly steps: readonly PlanStep[];
  /** The account and the region in use. */
  readonly place: string | undefined;
}

/** Finds out what is to be done. Changes nothing. */
async function prepare(request: InitRequest, ports: InitPorts): Promise<Prepared | Failure> {
  const { secretId, adminSecret } = request;
  const read = await ports.runShown({
    doing: 'reading the secret, and logging in with its stored passwords',
    run: async () => {
      const target = await readTarget(request, ports);
      if ('code' in target) {
        return target;
      }
      const isKey = STRATEGIES[target.strategy].form === 'api-key';
      const found = refusalOf(target, request) ?? (isKey ? [] : await findUsers(target, ports));
      return 'code' in found ? found : { target, found };
    },
    done: 'read',
  });
  if ('code' in read) {
    return read;
  }
  const { found } = read;
  const key =
    STRATEGIES[read.target.strategy].form === 'api-key' ? await prepareKey(read.target, request, ports) : undefined;
  if (key !== undefined && 'code' in key) {
    return key;
  }
  const { target = read.target, notes: keyNotes = [] } = key ?? {};
  const place = target.secret === undefined ? await readPlace(ports.aws) : placeText(target.secret.arn);
  const prepared = key
    ? { admin: undefined, users: [key.key] }
    : await prepareUsers(target, found, { adminSecret, place }, ports);
  if ('code' in prepared) {
    return prepared;
  }
  const { admin, users } = prepared;
  const planned = planInit(target, prepared, request, ports.randomId);
  if ('code' in planned) {
    return planned;
  }
  const { steps, remarks, notes } = planned;
  const entry = planEntry(target, request);
  const plan = [...steps.map((step) => stepText(step, secretId, admin?.adminSecret)), ...remarks];
  return { target, users, plan, notes: [...keyNotes, ...notes, ...entry.notes], entry, steps, admin, place };
}
