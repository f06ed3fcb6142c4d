import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { RotationPorts } from '../protocol/rotation/ports.ts';
import type { Progress } from '../protocol/rotation/progress.ts';
import { runStep } from '../protocol/rotation/rotation.ts';
import { type RotationRequest, STEPS } from '../protocol/rotation/rotation-request.ts';
import { LOG_FIELD } from '../telemetry/log-line.ts';
import { logProgress, measureProgress } from './progress-listeners.ts';
import { WorkerMemory } from './worker-memory.ts';

/** The part of Lambda's context that a rotation uses. */
export interface Invocation {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

export type RotationHandler = (event: unknown, invocation: Invocation) => Promise<void>;

/**
 * Makes the Lambda handler: one event of Secrets Manager runs one step. Every error that it throws
 * is safe to log.
 */
export function createHandler(
  portsOf: (request: RotationRequest, invocation: Invocation) => Omit<RotationPorts, 'report'>,
  logger: Logger,
  metrics: Metrics,
): RotationHandler {
  const memory = new WorkerMemory();
  return async (event, invocation) => {
    logger.appendKeys({ function_request_id: invocation.awsRequestId });
    const request = requestFrom(event, logger);
    const listeners = [logProgress(logger, request), measureProgress(metrics, request)];
    const ports = portsOf(request, invocation);
    const report = (progress: Progress): void => {
      for (const listen of listeners) {
        listen(progress);
      }
    };
    await memory.duringStep(request, ports.store, (store) => runStep(request, { ...ports, store, report }));
  };
}

function requestFrom(event: unknown, logger: Logger): RotationRequest {
  try {
    return parseEvent(event);
  } catch (error) {
    if (error instanceof Error) {
      logger.error(error.message, { [LOG_FIELD.event]: 'event-refused' });
    }
    throw error;
  }
}

class EventError extends Error {
  override readonly name = 'EventError' as const;
}

/**
 * @throws EventError naming the field. Only the step is quoted, because the other values may hold
 * a secret.
 */
export function parseEvent(event: unknown): RotationRequest {
  if (typeof event !== 'object' || event === null) {
    throw new EventError('The event is not an object. This function is for Secrets Manager rotation only.');
  }
  const { Step, SecretId, ClientRequestToken, RotationToken } = event as Record<string, unknown>;
  const step = STEPS.find((name) => name === Step);
  if (step === undefined) {
    throw new EventError(
      `The event's Step is ${typeof Step === 'string' ? JSON.stringify(Step.slice(0, 40)) : 'missing'}. Expected one of ${STEPS.join(', ')}.`,
    );
  }
  return {
    step,
    secretId: text('SecretId', SecretId),
    token: text('ClientRequestToken', ClientRequestToken),
    rotationToken: RotationToken === undefined ? undefined : text('RotationToken', RotationToken),
  };
}

function text(field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new EventError(`The event has no ${field}. Expected Step, SecretId and ClientRequestToken, each a string.`);
  }
  return value;
}
