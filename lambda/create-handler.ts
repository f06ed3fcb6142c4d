import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { RotationPorts } from '../protocol/rotation/ports.ts';
import type { Progress } from '../protocol/rotation/progress.ts';
import { runStep } from '../protocol/rotation/rotation.ts';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import { LOG_FIELD } from '../telemetry/log-line.ts';
import { parseEvent } from './event.ts';
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
