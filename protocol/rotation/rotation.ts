import { formOf } from '../secret/credential-form.ts';
import { canLogIn, requireAuthorization } from './can-log-in.ts';
import { requireConfigured, requireCurrent, requireEntry } from './configured-secrets.ts';
import { RotationError, toRotationError } from './errors.ts';
import { removePendingIfEdited, requireNewPassword } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import { preflight } from './preflight.ts';
import type { StepOutcome } from './progress.ts';
import { requirePending } from './read-versions.ts';
import type { RotationRequest, Step } from './rotation-request.ts';
import { createSecret } from './steps/create-secret.ts';
import { finishSecret, sendRotated } from './steps/finish-secret.ts';
import { testSecret } from './steps/test-secret.ts';
import { type Attempt, type PendingAttempt, printableUser } from './strategies/strategy.ts';

const STEPS_WITH_PENDING = {
  setSecret: (ports, attempt) => attempt.strategy.activate(ports, attempt),
  testSecret,
  finishSecret,
} satisfies Record<
  Exclude<Step, 'createSecret'>,
  (ports: RotationPorts, attempt: PendingAttempt) => Promise<StepOutcome>
>;

/**
 * Runs one step of a rotation. Each step may run any number of times: it starts from what is
 * stored and from what the cluster accepts, never from what an earlier run may have done.
 *
 * @throws RotationError and no other class.
 */
export async function runStep(request: RotationRequest, ports: RotationPorts): Promise<StepOutcome> {
  const started = ports.clock.now();
  ports.report({ event: 'step-started' });
  try {
    const outcome = await run(request, ports);
    ports.report({ event: 'step-finished', outcome, durationMs: ports.clock.now() - started });
    return outcome;
  } catch (cause) {
    const error = toRotationError(cause);
    error.step = request.step;
    ports.report({ event: 'step-failed', error, durationMs: ports.clock.now() - started });
    throw error;
  }
}

async function run({ step, secretId, token }: RotationRequest, ports: RotationPorts): Promise<StepOutcome> {
  requireConfigured(secretId, ports);
  const description = await ports.store.describe();
  requireConfigured(description.arn, ports);
  const decision = preflight(description, token);
  if (decision.kind === 'refuse') {
    throw new RotationError(decision.code, decision.sentence);
  }
  const entry = requireEntry(description, await ports.readPins(description.name), ports);
  const secret = { description, token, ...entry };
  const attempt = { ...secret, current: await requireCurrent(ports, decision.currentId, secret) };
  if (decision.kind === 'already-current') {
    return await confirmCurrent(step, ports, attempt);
  }
  if (step === 'createSecret') {
    return await createSecret(ports, attempt);
  }
  const pending = await requirePending(ports, attempt);
  await removePendingIfEdited(ports, pending);
  if (step !== 'testSecret') {
    requireNewPassword(pending);
  }
  return await STEPS_WITH_PENDING[step](ports, pending);
}

/**
 * The version already holds AWSCURRENT: an earlier run moved the label and its answer was lost, or
 * a person moved it, maybe to a version whose password was never sent. A login tells the two
 * apart. finishSecret then does what the earlier run would have done after the move.
 */
async function confirmCurrent(step: Step, ports: RotationPorts, attempt: Attempt): Promise<StepOutcome> {
  const { credentials } = attempt.current;
  if (!(await canLogIn(ports, credentials, 'until accepted'))) {
    throw new RotationError(
      'CURRENT_REJECTED',
      `${credentials.endpoint.url} rejects ${formOf(credentials).secretOf(printableUser(attempt.pins, credentials))} in version ${attempt.token}, which holds AWSCURRENT already.`,
    );
  }
  if (step === 'finishSecret') {
    await requireAuthorization(ports, credentials);
    await attempt.strategy.retire(ports, attempt, attempt.current);
    await sendRotated(ports, attempt.description, attempt.token, attempt.description.lastChangedAt);
  }
  return 'already-current';
}
