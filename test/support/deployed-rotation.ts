import { randomUUID } from 'node:crypto';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Deployment } from '../../local/cloud/cdk.ts';
import { parseDocument } from '../../secret/document.ts';
import { awsOptions, secretsManager, servers, uniqueName } from './servers.ts';

/** A stack of the test's own: one function, and the secrets that the test made for it. */
export interface DeployedRotation {
  readonly deployment: Deployment;
  readonly functionArn: string;
  /** Every line that the function has logged, oldest first. */
  logLines(): Promise<readonly string[]>;
}

/**
 * Deploys the project's stack with the real `cdk deploy`.
 *
 * @param secrets names of existing secrets, with what the configuration file says of each beside its name.
 */
export async function deployRotation(
  secrets: ReadonlyArray<{ name: string } & Record<string, string | boolean>>,
  settings: Record<string, string | number | boolean> = {},
): Promise<DeployedRotation> {
  const cloud = servers();
  const stackName = uniqueName('Rotation').replace('_', '');
  // JSON is YAML.
  const configuration = JSON.stringify({
    stackName,
    function: { allowedEndpoints: ['127.0.0.1', 'localhost'], caFile: cloud.access.caFile, ...settings },
    secrets: secrets.map((secret) => ({ schedule: 'rate(30 days)', ...secret })),
  });
  const deployment = await cloud.deploy(configuration);
  const functionArn = deployment.outputs[stackName]?.['RotationFunctionArn'];
  if (functionArn === undefined) {
    throw new Error(`The stack has no output RotationFunctionArn: ${JSON.stringify(deployment.outputs)}`);
  }
  return { deployment, functionArn, logLines: () => logLines(functionArn) };
}

async function logLines(functionArn: string): Promise<readonly string[]> {
  const configuration = await new LambdaClient(awsOptions()).send(
    new GetFunctionConfigurationCommand({ FunctionName: functionArn }),
  );
  const logGroupName = configuration.LoggingConfig?.LogGroup ?? `/aws/lambda/${configuration.FunctionName}`;
  const logs = new CloudWatchLogsClient(awsOptions());
  const lines: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({ logGroupName, ...(nextToken === undefined ? {} : { nextToken }) }),
    );
    lines.push(...(page.events ?? []).map(({ message }) => message ?? ''));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines;
}

/** A secret of the test's own. @returns its name */
export async function newSecret(value: string, tags: Record<string, string> = {}): Promise<string> {
  const Name = uniqueName('zilliz/app');
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await secretsManager().send(new CreateSecretCommand({ Name, SecretString: value, Tags }));
  return Name;
}

/** Starts a rotation and waits until nothing of it runs any more. @returns the version that it made */
export async function rotateToItsEnd(secretId: string, ClientRequestToken: string = randomUUID()): Promise<string> {
  await secretsManager().send(new RotateSecretCommand({ SecretId: secretId, ClientRequestToken }));
  await rotationSettles(secretId, 'settled');
  return ClientRequestToken;
}

/** Waits until no step runs: for good (`idle`), or until another attempt is due (`settled`). */
export async function rotationSettles(secretId: string, state: 'idle' | 'settled' = 'idle'): Promise<void> {
  const query = new URLSearchParams({ secret: secretId, wait: state, timeout: '60' });
  const answer = await fetch(`${awsOptions().endpoint}/_local/rotation?${query.toString()}`);
  const view = (await answer.json()) as { timed_out?: boolean };
  if (!answer.ok || view.timed_out === true) {
    throw new Error(`The rotation of ${secretId} did not become ${state}: ${JSON.stringify(view)}`);
  }
}

/** How often the rotations of this secret are retried from now on. */
export async function setRetries(secretId: string, retries: number): Promise<void> {
  const body = JSON.stringify({ secret: secretId, retries, spacing_seconds: 1 });
  const answer = await fetch(`${awsOptions().endpoint}/_local/retries`, { method: 'PUT', body });
  if (!answer.ok) {
    throw new Error(await answer.text());
  }
}

export async function labelsOf(secretId: string): Promise<Readonly<Record<string, string>>> {
  const { VersionIdsToStages = {} } = await secretsManager().send(new DescribeSecretCommand({ SecretId: secretId }));
  return Object.fromEntries(
    Object.entries(VersionIdsToStages).flatMap(([versionId, labels]) => labels.map((label) => [label, versionId])),
  );
}

export async function currentValue(secretId: string): Promise<string> {
  const { SecretString } = await secretsManager().send(new GetSecretValueCommand({ SecretId: secretId }));
  return SecretString ?? '';
}

/** Every password that was ever stored in the secret. */
export async function passwordsOf(
  secretId: string,
  client: SecretsManagerClient = secretsManager(),
): Promise<string[]> {
  const listed = await client.send(new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true }));
  return Promise.all(
    (listed.Versions ?? []).map(async ({ VersionId }) => {
      const { SecretString = '' } = await client.send(
        new GetSecretValueCommand({ SecretId: secretId, VersionId: VersionId ?? '' }),
      );
      return parseDocument(SecretString).password;
    }),
  );
}
