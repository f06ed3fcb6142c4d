import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { connectCluster } from '../adapters/connect-cluster.ts';
import { putRotatedEvent } from '../adapters/eventbridge.ts';
import { createPasswordGenerator } from '../adapters/generated-password.ts';
import { createSecretsManagerStore, readCurrentValue } from '../adapters/secrets-manager-store.ts';
import { readConfig } from '../protocol/rotation/function-config.ts';
import { METRIC_NAMESPACE } from '../telemetry/metrics.ts';
import { createHandler, type RotationHandler } from './create-handler.ts';
import { createPinsReader } from './pins.ts';

const SERVICE = 'zilliz-secret-rotation';

// Made once per worker, not per invocation, because the four steps of a rotation usually share one
// worker.
const config = readConfig(process.env);
const secretsManager = new SecretsManagerClient({});

const cluster = connectCluster(config.transport, { timeoutMs: config.clusterTimeoutMs, privateCa: config.privateCa });
const newPassword = createPasswordGenerator(config.passwordPolicy);
const readSecret = (secretId: string): Promise<string> => readCurrentValue(secretsManager, secretId);
const readPins = createPinsReader(config.pins, readSecret);
const logger = new Logger({ serviceName: SERVICE });
const metrics = new Metrics({
  namespace: METRIC_NAMESPACE,
  // The name of the function separates the metrics of two functions.
  serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? SERVICE,
});

export const handler: RotationHandler = createHandler(
  (request, invocation) => ({
    config,
    functionArn: invocation.invokedFunctionArn,
    store: createSecretsManagerStore(secretsManager, request),
    cluster,
    newPassword,
    readPins: (secretName) => readPins(secretName, request),
    readSecret,
    connectControlPlane: async (managerKey) => {
      // Loaded only when a secret holds an API key.
      const { createControlPlane } = await import('../adapters/http-control-plane.ts');
      return createControlPlane(managerKey, config.controlPlane, { timeoutMs: config.clusterTimeoutMs });
    },
    sendRotated: putRotatedEvent,
    clock: {
      now: () => performance.now(),
      date: () => Date.now(),
      remaining: () => invocation.getRemainingTimeInMillis(),
      wait: (milliseconds) => wait(milliseconds),
    },
  }),
  logger,
  metrics,
);
