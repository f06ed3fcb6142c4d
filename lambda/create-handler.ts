import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { PasswordGenerator } from '../adapters/generated-password.ts';
import type { Cluster } from '../protocol/cluster/cluster.ts';
import type { ControlPlane } from '../protocol/keys/control-plane.ts';
import type { FunctionConfig } from '../protocol/rotation/function-config.ts';
import type { InvocationClock } from '../protocol/rotation/ports.ts';
import { requireEntry } from '../protocol/rotation/require-entry.ts';
import type { SendRotated } from '../protocol/rotation/rotated-event.ts';
import { runStep } from '../protocol/rotation/rotation.ts';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import { accountAndRegionOf } from '../protocol/secret/account-and-region.ts';
import type { SecretStore } from '../protocol/secret/secret-store.ts';
import { LOG_FIELD } from '../telemetry/log-line.ts';
import { parseEvent } from './event.ts';
import type { PinsReader } from './pins.ts';
import { logProgress, measureProgress } from './progress-listeners.ts';
import { WorkerMemory } from './worker-memory.ts';

export interface HandlerParts {
  readonly config: FunctionConfig;
  readonly cluster: Cluster;
  readonly passwords: PasswordGenerator;
  readonly storeOf: (secretId: string, rotationToken: string | undefined) => SecretStore;
  readonly readPins: PinsReader;
  /** Reads the current text of the admin secret or of the manager secret. */
  readonly readSecret: (secretArn: string) => Promise<string>;
  readonly connectControlPlane: (managerKey: string) => ControlPlane | Promise<ControlPlane>;
  readonly sendRotated: SendRotated;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clockOf: (invocation: Invocation) => InvocationClock;
}

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
export function createHandler(parts: HandlerParts): RotationHandler {
  const { config, logger, metrics } = parts;
  const memory = new WorkerMemory();
  return async (event, invocation) => {
    logger.appendKeys({ function_request_id: invocation.awsRequestId });
    const request = requestFrom(event, logger);
    const listeners = [logProgress(logger, request), measureProgress(metrics, request)];
    const { adminSecretArn, managerSecretArn } = config;
    const functionPlace = accountAndRegionOf(invocation.invokedFunctionArn);
    const storeOfSecret = parts.storeOf(request.secretId, request.rotationToken);
    await memory.duringStep(request, storeOfSecret, (store) =>
      runStep(request, {
        store,
        cluster: parts.cluster,
        newPassword: () => parts.passwords.generate(),
        readAdmin: adminSecretArn === undefined ? undefined : () => parts.readSecret(adminSecretArn),
        keys:
          managerSecretArn === undefined
            ? undefined
            : { readManager: () => parts.readSecret(managerSecretArn), connect: parts.connectControlPlane },
        sendRotated: config.rotatedEvents ? parts.sendRotated : undefined,
        clock: parts.clockOf(invocation),
        report: (progress) => {
          for (const listen of listeners) {
            listen(progress);
          }
        },
        settings: { ...config, functionPlace },
        targetOf: async (secret) =>
          requireEntry(secret, await parts.readPins(secret.name, request), { pins: config.pins, functionPlace }),
      }),
    );
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
