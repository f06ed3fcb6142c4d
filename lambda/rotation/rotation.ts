import { SecretStoreError } from '../../secret/store.ts';
import type { RotationRequest, Step } from '../event.ts';
import { requireConfigured } from './configured-secrets.ts';
import { createSecret } from './create-secret.ts';
import { type FailureCode, RotationError } from './errors.ts';
import { finishSecret } from './finish-secret.ts';
import type { RotationPorts } from './ports.ts';
import { preflight } from './preflight.ts';
import type { Outcome } from './progress.ts';
import { setSecret } from './set-secret.ts';
import { testSecret } from './test-secret.ts';

const RUN = { createSecret, setSecret, testSecret, finishSecret } as const satisfies Record<Step, unknown>;

/**
 * Runs one step of a rotation. Each may be run any number of times: it starts from what is stored and what the cluster
 * accepts, never from what an earlier run may have done.
 *
 * @throws RotationError and nothing else.
 */
export async function rotate(request: RotationRequest, ports: RotationPorts): Promise<Outcome> {
  const started = ports.clock.now();
  ports.report({ event: 'step-started' });
  try {
    const outcome = await run(request, ports);
    ports.report({ event: 'step-finished', outcome, durationMs: ports.clock.now() - started });
    return outcome;
  } catch (cause) {
    const error = asRotationError(cause);
    error.step = request.step;
    ports.report({ event: 'step-failed', error, durationMs: ports.clock.now() - started });
    throw error;
  }
}

async function run({ step, secretId, token }: RotationRequest, ports: RotationPorts): Promise<Outcome> {
  requireConfigured(secretId, ports.settings);
  const description = await ports.store.describe();
  const decision = preflight(description, token);
  switch (decision.kind) {
    case 'refuse':
      throw new RotationError(decision.code, decision.sentence);
    case 'already-current':
      return 'already-current';
    case 'proceed':
      return await RUN[step](ports, description, decision.currentId, token);
  }
}

const STORE_FAILURES = {
  unavailable: 'SECRETS_MANAGER_UNAVAILABLE',
  denied: 'SECRETS_MANAGER_DENIED',
  refused: 'SECRETS_MANAGER_REFUSED',
} as const satisfies Record<SecretStoreError['kind'], FailureCode>;

function asRotationError(cause: unknown): RotationError {
  if (cause instanceof RotationError) {
    return cause;
  }
  if (cause instanceof SecretStoreError) {
    return new RotationError(STORE_FAILURES[cause.kind], cause.message);
  }
  // The message of a stranger may quote anything, so its kind and its place have to do.
  const place = cause instanceof Error ? cause.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return new RotationError(
    'UNEXPECTED',
    `${cause instanceof Error ? cause.name : typeof cause}${place === undefined ? '' : place.replace(/^\s+/, ' ')}`,
  );
}
