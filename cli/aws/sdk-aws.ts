import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { memoize as once } from '@smithy/core/config';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { createSecretsManagerStore, readCurrentValue } from '../../adapters/secrets-manager-store.ts';
import { systemClock } from '../clock.ts';
import type { Aws, AwsConnection } from './aws.ts';
import { answerOf } from './aws-error.ts';
import { createEventsReader } from './events-reader.ts';
import { createFunctionReader, createStepsReader } from './function-reader.ts';
import { memoize } from './memoize.ts';
import { createPace, EVENT_LOOKUPS_PER_SECOND, LOG_READS_PER_SECOND } from './pace.ts';
import { createRoleCredentials, sdkConfig } from './sdk-config.ts';
import { createSecretsManagerRotationService } from './secrets-manager-rotation-service.ts';

const EVENT_TIMEOUT_MS = 10_000;

/**
 * {@link Aws} on the AWS SDK. A request ends after 10 s, and is repeated twice.
 *
 * @param interrupted ends the repetitions, and a long list
 */
export function createSdkAws({ region, profile, role }: AwsConnection, interrupted: AbortSignal): Aws {
  const own = sdkConfig({ region, profile }, interrupted);
  const config = role === undefined ? own : { ...own, credentials: createRoleCredentials(role, own) };
  const secretsManager = new SecretsManagerClient(config);
  const readFunction = createFunctionReader(new LambdaClient(config));
  const rotation = createSecretsManagerRotationService(
    secretsManager,
    interrupted,
    profile ?? process.env['AWS_PROFILE'],
    new SecretsManagerClient({ ...config, retryStrategy: new StandardRetryStrategy(1) }),
  );
  const paced = (perSecond: number) => ({ interrupted, pace: createPace(systemClock, perSecond, interrupted) });
  return {
    // Listed once, because an account may have thousands of secrets, and several checks ask.
    rotation: { ...rotation, listSecrets: once(rotation.listSecrets) },
    store: (secretId) => createSecretsManagerStore(secretsManager, { secretId, rotationToken: undefined }),
    readEvents: createEventsReader(new CloudTrailClient(config), paced(EVENT_LOOKUPS_PER_SECOND)),
    readSteps: createStepsReader(new CloudWatchLogsClient(config), readFunction, paced(LOG_READS_PER_SECOND)),
    readFunction,
    // Read once, because many secrets share their pins.
    pins: memoize(async (name) => await readCurrentValue(secretsManager, name)),
    sendRotated: async (event) => {
      // Loaded late, because only a repair sends an event.
      const { putRotatedEvent } = await import('../../adapters/eventbridge.ts');
      await answerOf('PutEvents', putRotatedEvent(event, EVENT_TIMEOUT_MS, config));
    },
    // Loaded late, because most of these SDKs are for one command only.
    inspect: once(async () => (await import('./sdk-inspection.ts')).createSdkInspection(config, interrupted)),
  };
}
