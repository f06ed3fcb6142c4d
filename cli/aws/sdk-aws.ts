import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerStore } from '../../secret/secrets-manager-store.ts';
import type { Aws, AwsConnection } from './aws.ts';
import { createCloudWatchFunctionLog } from './cloudwatch-function-log.ts';
import { createFunctionEnvironmentReader } from './lambda-function-environment.ts';
import { createSecretsManagerRotationService } from './secrets-manager-rotation-service.ts';

/**
 * Without this logger the SDK prints warnings on stderr, for example if both a profile and access
 * keys are set.
 */
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // On purpose.
}

/** {@link Aws} on the AWS SDK. */
export function createSdkAws({ region, profile }: AwsConnection): Aws {
  const config = {
    logger: SILENT,
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
  const secretsManager = new SecretsManagerClient(config);
  const clients = { lambda: new LambdaClient(config), logs: new CloudWatchLogsClient(config) };
  return {
    rotation: createSecretsManagerRotationService(secretsManager, profile ?? process.env['AWS_PROFILE']),
    store: (secretId) => createSecretsManagerStore(secretsManager, { secretId, rotationToken: undefined }),
    functionLog: (functionArn) => createCloudWatchFunctionLog(clients, functionArn),
    functionEnvironment: createFunctionEnvironmentReader(clients.lambda),
  };
}
