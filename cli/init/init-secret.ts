import { explainAwsError } from '../aws/explain-aws-error.ts';
import { placeText, readPlace } from '../aws/place.ts';
import { carryOut } from '../change/carry-out.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { stepText } from '../change/step.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import { askForPlan } from '../terminal/ask-for-plan.ts';
import type { Task } from '../terminal/run-task.ts';
import { type PlannedEntry, planEntry } from './entry.ts';
import type { InitRequest } from './init-definition.ts';
import { type InitPlan, planInit } from './plan.ts';
import { type InitTarget, readTarget } from './target.ts';
import { type FoundUser, findUsers, type PreparedUsers, type PreparePorts, prepareUsers } from './users.ts';

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

/** The secret before any change, and what it holds for each user. */
export interface FoundSecret {
  readonly target: InitTarget;
  /** The account and the region in use. */
  readonly place: string | undefined;
  readonly found: readonly FoundUser[];
}

export interface InitPorts extends PreparePorts, Omit<ChangePorts, 'secretId' | 'aws' | 'admin' | 'showProgress'> {
  /** Runs work and shows its progress. */
  readonly runShown: <T extends object>(work: ShownWork<T | Failure>) => Promise<T | Failure>;
}

/** Takes one user, or two users that take turns, into rotation. Reports every outcome. */
export async function initSecret(request: InitRequest, ports: InitPorts): Promise<InitReport> {
  const { secretId } = request;
  const draft: Draft = { secretId, target: undefined, users: [], plan: [], notes: [], entry: undefined };
  const prepared = await prepare(request, draft, ports).catch(
    (error: unknown): Failure => ({ kind: 'refused', ...explainAwsError(error) }),
  );
  if (ports.interrupted.aborted) {
    return { ...draft, outcome: interruptedBeforeChange() };
  }
  if ('code' in prepared) {
    return { ...draft, outcome: prepared };
  }
  const { steps, admin, place } = prepared;
  if (steps.length === 0) {
    return { ...draft, outcome: { kind: 'in-order' } };
  }
  const outcome =
    (await askForPlan(draft.plan, ports, { place })) ??
    (await ports.runShown<InitOutcome>({
      run: async (showProgress) =>
        (await carryOut(steps, { ...ports, secretId, admin, showProgress })) ?? { kind: 'ready' },
      done: 'ready for rotation',
    }));
  return { ...draft, outcome };
}

/** A report that grows. */
type Draft = { -readonly [Key in keyof Omit<InitReport, 'outcome'>]: InitReport[Key] };

/** Finds out what is to be done, and writes it into the draft. Changes nothing else. */
async function prepare(
  request: InitRequest,
  draft: Draft,
  ports: InitPorts,
): Promise<(InitPlan & Pick<PreparedUsers, 'admin'> & Pick<FoundSecret, 'place'>) | Failure> {
  const { secretId, adminSecret } = request;
  const askForConsent: InitPorts['askForConsent'] = (plan, about) => {
    draft.plan = plan;
    return ports.askForConsent(plan, about);
  };
  const read = await ports.runShown({
    doing: 'reading the secret, and logging in with its stored passwords',
    run: async () => await findSecret(request, ports),
    done: 'read',
  });
  if ('code' in read) {
    return read;
  }
  const { target, found, place } = read;
  const prepared = await prepareUsers(target, found, { adminSecret, place }, { ...ports, askForConsent });
  if ('code' in prepared) {
    return prepared;
  }
  const planned = planInit(target, prepared, request, ports.randomId);
  if ('code' in planned) {
    return planned;
  }
  const { admin, users } = prepared;
  const entry = planEntry(target, request);
  const plan = [...planned.steps.map((step) => stepText(step, secretId, admin?.adminSecret)), ...planned.remarks];
  Object.assign(draft, { target, users, plan, notes: [...planned.notes, ...entry.notes], entry });
  return { ...planned, admin, place };
}

/** Reads the secret and finds the credentials of its users. Asks nothing. */
async function findSecret(request: InitRequest, ports: InitPorts): Promise<FoundSecret | Failure> {
  const target = await readTarget(request, ports);
  if (target.kind !== 'target') {
    return target;
  }
  const found = await findUsers(target, ports);
  const place = target.secret === undefined ? await readPlace(ports.aws) : placeText(target.secret.arn);
  return 'code' in found ? found : { target, place, found };
}
