import { explainAwsError } from '../aws/explain-aws-error.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import { askForPlan } from '../terminal/ask-for-plan.ts';
import { type CarryOutPorts, carryOutStep, explainStepError } from './carry-out.ts';
import { type FoundSecret, findSecret } from './find-users.ts';
import type { InitRequest } from './init-definition.ts';
import { planInit } from './plan.ts';
import { type PlannedEntry, planEntry } from './plan-entry.ts';
import { type PreparedUsers, type PreparePorts, prepareUsers } from './prepare-users.ts';
import { proveLogin } from './prove-login.ts';
import type { SecretToInit } from './read-secret.ts';
import { describeStep, type InitStep } from './steps.ts';

/** `ready`: the command has changed something, and the cluster accepts every stored credential. */
export type InitOutcome = { readonly kind: 'ready' | 'in-order' } | Failure;

export interface InitReport {
  readonly secretId: string;
  /** `undefined` if the secret could not be read, or does not fit. */
  readonly target: SecretToInit | undefined;
  readonly users: PreparedUsers['users'];
  /** The steps as text. */
  readonly plan: readonly string[];
  readonly notes: readonly string[];
  readonly entry: PlannedEntry | undefined;
  readonly outcome: InitOutcome;
}

export interface InitPorts extends PreparePorts, Omit<CarryOutPorts, 'secretId' | 'admin' | 'endpointUrl'> {
  /** Runs the reads of the secret and shows that they run. */
  readonly whileReading: (run: () => Promise<FoundSecret | Failure>) => Promise<FoundSecret | Failure>;
  /** Runs the steps and shows their progress. */
  readonly whileShowing: (run: (showProgress: (line: string) => void) => Promise<InitOutcome>) => Promise<InitOutcome>;
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
  if (prepared.steps.length === 0) {
    return { ...draft, outcome: { kind: 'in-order' } };
  }
  const outcome =
    (await askForPlan(draft.plan, ports)) ??
    (await ports.whileShowing((showProgress) => carryOut(prepared, draft, { ...ports, ...prepared }, showProgress)));
  return { ...draft, outcome };
}

/** A report that grows. */
type Draft = { -readonly [Key in keyof Omit<InitReport, 'outcome'>]: InitReport[Key] };

interface PreparedInit extends Pick<CarryOutPorts, 'secretId' | 'admin' | 'endpointUrl'> {
  readonly steps: readonly InitStep[];
}

/** Finds out what is to be done, and writes it into the draft. Changes nothing else. */
async function prepare(request: InitRequest, draft: Draft, ports: InitPorts): Promise<PreparedInit | Failure> {
  const { secretId, adminSecret } = request;
  const askForConsent: InitPorts['askForConsent'] = (plan, about) => {
    draft.plan = plan;
    return ports.askForConsent(plan, about);
  };
  const read = await ports.whileReading(async () => await findSecret(request, ports));
  if ('code' in read) {
    return read;
  }
  const { target, notes, found } = read;
  const prepared = await prepareUsers(target.endpoint, found, adminSecret, { ...ports, askForConsent });
  if ('code' in prepared) {
    return prepared;
  }
  const planned = planInit(target, prepared, request);
  if ('code' in planned) {
    return planned;
  }
  const { admin, users } = prepared;
  const { steps } = planned;
  const entry = planEntry(target, request);
  const plan = steps.map((step) => describeStep(step, secretId, admin?.adminSecret));
  Object.assign(draft, { target, users, plan, notes: [...notes, ...planned.notes, ...entry.notes], entry });
  return { secretId, admin, steps, endpointUrl: target.endpoint.url };
}

/** Stops at the first failure. The next command plans what remains. */
async function carryOut(
  { steps }: PreparedInit,
  { plan, users }: Draft,
  ports: CarryOutPorts,
  showProgress: (line: string) => void,
): Promise<InitOutcome> {
  for (const [index, step] of steps.entries()) {
    const remaining = plan.slice(index);
    if (ports.interrupted.aborted) {
      return withRemaining(
        { kind: 'interrupted', code: 'interrupted', message: 'The command was interrupted.', advice: '' },
        remaining,
      );
    }
    showProgress(plan[index] ?? '');
    const failure = await carryOutStep(step, ports).catch((error: unknown) => explainStepError(error, index > 0));
    if (failure !== undefined) {
      return withRemaining(
        index > 0 && failure.kind === 'refused' ? { ...failure, kind: 'failed' } : failure,
        remaining,
      );
    }
  }
  // A login has just proven each user that the command created.
  for (const { credentials } of users.filter(({ origin }) => origin === 'existing')) {
    showProgress(`logging in as ${credentials.username} at ${credentials.endpoint.url}`);
    const failure = await proveLogin(credentials, ports);
    if (failure !== undefined) {
      return {
        ...failure,
        advice: `Every step of the plan is done. ${failure.advice} Then run the same command again.`,
      };
    }
  }
  return { kind: 'ready' };
}

function withRemaining(failure: Failure, remaining: readonly string[]): Failure {
  return {
    ...failure,
    advice: `${failure.advice} Run the same command again: it finds out what is done. These steps remain: ${remaining.join('; ')}.`,
  };
}
