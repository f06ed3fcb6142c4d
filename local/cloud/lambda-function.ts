import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lambda } from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';
import { formatPinsLocation, pinsSecretOf } from '../../protocol/secret/pins.ts';
import { formatPins, type PinsBySecret } from '../../protocol/secret/rotated-secrets.ts';
import { PROJECT } from '../project.ts';
import { awsOptions, LOCAL_ACCOUNT } from './access.ts';
import { CloudSecret } from './cloud-secret.ts';
import type { Emulator } from './emulator-control.ts';

/** What Secrets Manager sends to a rotation function. */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

/**
 * Creates a function that Secrets Manager may invoke.
 *
 * @param source a module that exports `handler`.
 * @param file `index.mjs` for an ES module, `index.js` for a CommonJS module.
 * @returns the ARN
 */
export async function createFunction(
  emulator: Emulator,
  name: string,
  source: string,
  { file = 'index.mjs', environment = {} }: { file?: string; environment?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const lambda = new Lambda(awsOptions(emulator));
  const { FunctionArn = '' } = await lambda.createFunction({
    FunctionName: name,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}`,
    Timeout: 60,
    Environment: { Variables: environment },
    Code: { ZipFile: zipSync({ [file]: strToU8(source) }) },
  });
  await lambda.addPermission({
    FunctionName: name,
    StatementId: 'secrets-manager',
    Action: 'lambda:InvokeFunction',
    Principal: 'secretsmanager.amazonaws.com',
    SourceAccount: LOCAL_ACCOUNT,
  });
  return FunctionArn;
}

/** Creates a function that does nothing. @returns the ARN */
export async function createIdleFunction(emulator: Emulator): Promise<string> {
  return await createFunction(emulator, `idle-${randomUUID()}`, 'export const handler = async () => {};');
}

/** Creates the secret with the pins of secrets. @returns what a function reads of it */
export async function createPins(emulator: Emulator, prefix: string, targets: PinsBySecret): Promise<string> {
  const pins = { prefix, count: 1, isComplete: true };
  await new CloudSecret(emulator, pinsSecretOf('any', pins)).create(formatPins(targets));
  return formatPinsLocation(pins);
}

/**
 * Bundles a program with everything that the SDKs import, unlike the deployed function.
 *
 * @param entry the path of the program, relative to the project.
 * @returns the source of an ES module.
 */
export async function bundleProgram(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PROJECT, entry)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'node24',
    minify: true,
    write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outputFiles[0]?.text ?? '';
}

/**
 * Kills the processes that run one Lambda function, as a crash does. The environment variable that
 * Lambda sets identifies these processes.
 *
 * @returns the number of killed processes.
 */
export function killWorkersOf(functionName: string): number {
  const variable = `AWS_LAMBDA_FUNCTION_NAME=${functionName}`;
  const workers = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
    } catch {
      return false;
    }
  });
  for (const pid of workers) {
    process.kill(Number(pid), 'SIGKILL');
  }
  return workers.length;
}
