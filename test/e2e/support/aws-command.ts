import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { parseAwsCommandLine, pascal } from '../../support/aws-command-line.ts';
import { awsOptions } from '../../support/servers.ts';

const SERVICES = {
  secretsmanager: { client: secretsManager.SecretsManagerClient, commands: secretsManager },
  lambda: { client: lambda.LambdaClient, commands: lambda },
  kms: { client: kms.KMSClient, commands: kms },
  logs: { client: logs.CloudWatchLogsClient, commands: logs },
} as const;

/**
 * Runs a command line of the AWS CLI, which npm does not have, with the SDK.
 *
 * @param files the content of each `file://` path
 * @param options of the client
 * @returns the answer, or the part of it that `--query` names
 */
export async function runAws(
  line: string,
  files: Readonly<Record<string, string>> = {},
  options: AwsOptions = awsOptions(),
): Promise<unknown> {
  const { service, action, input, query } = parseAwsCommandLine(line, files);
  const known = SERVICES[service as keyof typeof SERVICES];
  const Command = (known?.commands as Record<string, unknown> | undefined)?.[`${pascal(action)}Command`];
  if (known === undefined || typeof Command !== 'function') {
    throw new Error(`Not a command of the AWS CLI: ${line}`);
  }
  const client = new known.client(options) as { send(command: unknown): Promise<Record<string, unknown>> };
  const answer = await client.send(Reflect.construct(Command, [service === 'logs' ? inCamelCase(input) : input]));
  return query === undefined ? answer : answer[query];
}

/** The API of CloudWatch Logs writes its members in camel case. */
function inCamelCase(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
}
