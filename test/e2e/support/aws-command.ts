import * as lambda from '@aws-sdk/client-lambda';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { awsOptions } from '../../support/servers.ts';

const SERVICES = {
  secretsmanager: { client: secretsManager.SecretsManagerClient, commands: secretsManager },
  lambda: { client: lambda.LambdaClient, commands: lambda },
} as const;

/** The command lines of the AWS CLI in a text, each between backticks. */
export function awsCommandsIn(text: string): readonly string[] {
  return [...text.replaceAll(/\s+/g, ' ').matchAll(/`(aws [^`]+)`/g)].map(([, line = '']) => line);
}

/**
 * Runs a command line of the AWS CLI, which npm does not have, with the SDK.
 *
 * @param files the content of each `file://` path
 */
export async function runAws(line: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const [, service = '', action = '', ...rest] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  );
  const known = SERVICES[service as keyof typeof SERVICES];
  const Command = (known?.commands as Record<string, unknown> | undefined)?.[`${pascal(action)}Command`];
  if (known === undefined || typeof Command !== 'function') {
    throw new Error(`Not a command of the AWS CLI: ${line}`);
  }
  const input: Record<string, unknown> = {};
  for (let index = 0; index < rest.length; index++) {
    const flag = rest[index]?.replace(/^--/, '') ?? '';
    if (flag.startsWith('no-')) {
      input[pascal(flag.slice(3))] = false;
    } else {
      input[pascal(flag)] = argumentOf(rest[++index] ?? '', files);
    }
  }
  const client = new known.client(awsOptions()) as { send(command: unknown): Promise<unknown> };
  await client.send(Reflect.construct(Command, [input]));
}

function pascal(kebab: string): string {
  return kebab
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
    .replace(/LambdaArn$/, 'LambdaARN');
}

function argumentOf(text: string, files: Readonly<Record<string, string>>): unknown {
  if (text.startsWith('file://')) {
    return files[text.slice('file://'.length)];
  }
  return text.startsWith('{') ? JSON.parse(text) : /^\d{1,3}$/.test(text) ? Number(text) : text;
}
