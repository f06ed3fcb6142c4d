import { explainAwsError } from '../aws/explain-aws-error.ts';
import { type Failure, interruptedBeforeChange } from '../outcome/failure.ts';
import { askForPlan } from '../terminal/ask-for-plan.ts';
import { type CarryOutPorts, carryOutStep, explainStepError } from './carry-out.ts';
import { type FoundSecret, findSecret } from './find-users.ts';
import type { InitRequest } from './init-definition.ts';
import { type InitPlan, planInit } from './plan.ts';
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
  let report: InitReport = {
    secretId,
    target: undefined,
    users: [],
    plan: [],
    notes: [],
    entry: undefined,
    outcome: { kind: 'in-order' },
  };
  const askForConsent: InitPorts['askForConsent'] = (plan, about) => {
    report = { ...report, plan };
    return ports.askForConsent(plan, about);
  };
  try {
    const prepared = await prepare(request, { ...ports, askForConsent });
    if (prepared.kind !== 'ready') {
      return { ...report, outcome: ports.interrupted.aborted ? interruptedBeforeChange() : prepared };
    }
    const { target, users, plan, entry } = prepared;
    const { admin } = users;
    const { steps } = plan;
    const described = steps.map((step) => describeStep(step, secretId, admin?.adminSecret));
    report = { ...report, target, users: users.users, plan: described, notes: [...plan.notes, ...entry.notes], entry };
    if (steps.length === 0) {
      return ports.interrupted.aborted ? { ...report, outcome: interruptedBeforeChange() } : report;
    }
    const refusal = await askForPlan(described, ports);
    const carryOutPorts = { ...ports, secretId, admin, endpointUrl: target.endpoint.url };
    const outcome =
      refusal ??
      (await ports.whileShowing((showProgress) => carryOut(steps, described, users, carryOutPorts, showProgress)));
    return { ...report, outcome };
  } catch (error) {
    const refusal = { kind: 'refused', ...explainAwsError(error) } as const;
    return { ...report, outcome: ports.interrupted.aborted ? interruptedBeforeChange() : refusal };
  }
}

interface Prepared {
  readonly kind: 'ready';
  readonly target: SecretToInit;
  readonly users: PreparedUsers;
  readonly plan: InitPlan;
  readonly entry: PlannedEntry;
}

async function prepare(request: InitRequest, ports: InitPorts): Promise<Prepared | Failure> {
  const read = await ports.whileReading(async () => await findSecret(request, ports));
  if ('code' in read) {
    return read;
  }
  const { target, notes, found } = read;
  const users = await prepareUsers(target.endpoint, found, request.adminSecret, ports);
  if (users.kind !== 'prepared') {
    return users;
  }
  const plan = planInit(target, users, request);
  if (plan.kind !== 'plan') {
    return plan;
  }
  const entry = planEntry(target, request);
  return { kind: 'ready', target, users, plan: { ...plan, notes: [...notes, ...plan.notes] }, entry };
}

/** Stops at the first failure. The next command plans what remains. */
async function carryOut(
  steps: readonly InitStep[],
  described: readonly string[],
  { users }: PreparedUsers,
  ports: CarryOutPorts,
  showProgress: (line: string) => void,
): Promise<InitOutcome> {
  for (const [index, step] of steps.entries()) {
    const remaining = described.slice(index);
    if (ports.interrupted.aborted) {
      return withRemaining(
        { kind: 'interrupted', code: 'interrupted', message: 'The command was interrupted.', advice: '' },
        remaining,
      );
    }
    showProgress(described[index] ?? '');
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
