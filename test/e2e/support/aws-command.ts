import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { awsOptions } from '../../support/servers.ts';

const SERVICES = {
  secretsmanager: { client: secretsManager.SecretsManagerClient, commands: secretsManager },
  lambda: { client: lambda.LambdaClient, commands: lambda },
  kms: { client: kms.KMSClient, commands: kms },
} as const;

/** Options of the AWS CLI that take a list. */
const LISTS = ['version-stages', 'tag-keys'];

/** Options of the AWS CLI that change what it prints. */
const OUTPUT_OPTIONS = ['query', 'output'];

/** The command lines of the AWS CLI in a text, each between backticks. */
export function awsCommandsIn(text: string): readonly string[] {
  return [...text.replaceAll(/\s+/g, ' ').matchAll(/`(aws [^`]+)`/g)].map(([, line = '']) => line);
}

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
  const [, service = '', action = '', ...rest] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  );
  const known = SERVICES[service as keyof typeof SERVICES];
  const Command = (known?.commands as Record<string, unknown> | undefined)?.[`${pascal(action)}Command`];
  if (known === undefined || typeof Command !== 'function') {
    throw new Error(`Not a command of the AWS CLI: ${line}`);
  }
  const input: Record<string, unknown> = {};
  let query: string | undefined;
  for (let index = 0; index < rest.length; index++) {
    const flag = rest[index]?.replace(/^--/, '') ?? '';
    if (flag.startsWith('no-')) {
      input[pascal(flag.slice(3))] = false;
    } else {
      const value = argumentOf(rest[++index] ?? '', files);
      if (!OUTPUT_OPTIONS.includes(flag)) {
        input[pascal(flag)] = LISTS.includes(flag) ? [value] : value;
      } else if (flag === 'query') {
        query = String(value);
      }
    }
  }
  const client = new known.client(options) as { send(command: unknown): Promise<Record<string, unknown>> };
  const answer = await client.send(Reflect.construct(Command, [input]));
  return query === undefined ? answer : answer[query];
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
