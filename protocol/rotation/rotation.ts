import { ControlPlaneError } from '../keys/control-plane.ts';
import { formOf } from '../secret/credential-form.ts';
import { SecretStoreError } from '../secret/secret-store.ts';
import { canLogIn, requireAuthorization } from './can-log-in.ts';
import { requireConfigured } from './configured-secrets.ts';
import { controlPlaneFailure, RotationError } from './errors.ts';
import { removePendingIfEdited, requireNewPassword } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import { preflight } from './preflight.ts';
import type { StepOutcome } from './progress.ts';
import { readPair, requireCurrent } from './read-pair.ts';
import { requireEntry } from './require-entry.ts';
import type { RotationRequest, Step } from './rotation-request.ts';
import { sendRotated } from './send-rotated.ts';
import { createSecret } from './steps/create-secret.ts';
import { finishSecret } from './steps/finish-secret.ts';
import { testSecret } from './steps/test-secret.ts';
import type { Attempt, RotatedPair } from './strategies/strategy.ts';
import { printableUser } from './strategies/strategy.ts';

const STEPS_WITH_PAIR = {
  setSecret: (ports, attempt, pair) => attempt.strategy.activate(ports, attempt, pair),
  testSecret,
  finishSecret,
} satisfies Record<
  Exclude<Step, 'createSecret'>,
  (ports: RotationPorts, attempt: Attempt, pair: RotatedPair) => Promise<StepOutcome>
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
  if (decision.kind === 'already-current') {
    return await confirmCurrent(step, ports, { description, currentId: token, token, ...entry });
  }
  const attempt = { description, currentId: decision.currentId, token, ...entry };
  if (step === 'createSecret') {
    return await createSecret(ports, attempt);
  }
  const pair = await readPair(ports, attempt);
  await removePendingIfEdited(ports, attempt, pair);
  if (step !== 'testSecret') {
    requireNewPassword(attempt, pair);
  }
  const outcome = await STEPS_WITH_PAIR[step](ports, attempt, pair);
  if (step === 'finishSecret') {
    await sendRotated(ports, description, token);
  }
  return outcome;
}

/**
 * The version already holds AWSCURRENT: an earlier run moved the label and its answer was lost, or
 * a person moved it, maybe to a version whose password was never sent. A login tells the two
 * apart. finishSecret then does what the earlier run would have done after the move.
 */
async function confirmCurrent(step: Step, ports: RotationPorts, attempt: Attempt): Promise<StepOutcome> {
  const current = await requireCurrent(ports, attempt);
  const { credentials } = current;
  if (!(await canLogIn(ports, credentials, 'until accepted'))) {
    throw new RotationError(
      'CURRENT_REJECTED',
      `${credentials.endpoint.url} rejects ${formOf(credentials).secretOf(printableUser(attempt.pins, credentials))} in version ${attempt.token}, which holds AWSCURRENT already.`,
    );
  }
  if (step === 'finishSecret') {
    await requireAuthorization(ports, credentials);
    await attempt.strategy.retire(ports, attempt, current);
    await sendRotated(ports, attempt.description, attempt.token, attempt.description.lastChangedAt);
  }
  return 'already-current';
}

const STORE_FAILURES = {
  unavailable: 'SECRETS_MANAGER_UNAVAILABLE',
  denied: 'SECRETS_MANAGER_DENIED',
  refused: 'SECRETS_MANAGER_REFUSED',
} as const;

function toRotationError(cause: unknown): RotationError {
  if (cause instanceof RotationError) {
    return cause;
  }
  if (cause instanceof SecretStoreError) {
    return new RotationError(STORE_FAILURES[cause.kind], cause.message);
  }
  if (cause instanceof ControlPlaneError) {
    return controlPlaneFailure(cause);
  }
  // The message of an unknown error may quote a secret, so only its class and the line of its stack are told.
  const at = cause instanceof Error ? cause.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return new RotationError(
    'UNEXPECTED',
    `${cause instanceof Error ? cause.name : typeof cause}${at === undefined ? '' : at.replace(/^\s+/, ' ')}`,
  );
}
