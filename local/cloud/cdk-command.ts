import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { lastLines } from '../process/service-process.ts';
import { NODE_BIN, PROJECT } from '../project.ts';
import { awsEnvironment, type LocalCloudAccess } from './access.ts';

/** An account and a region. The emulator has every account that a request names. */
export interface CdkEnvironment {
  readonly account: string;
  readonly region: string;
}

export interface CdkRun {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** Both output streams. `logFile` holds the same text. */
  readonly output: string;
  readonly logFile: string;
}

/**
 * Runs a command of the CDK CLI against a local cloud. A failure of the command is a result, not
 * an exception.
 *
 * @param app The folder of its cdk.json.
 * @param folder Receives the log.
 * @param at @default the account of the local cloud
 */
export async function runCdk(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
  at?: CdkEnvironment,
): Promise<CdkRun> {
  const logFile = join(folder, 'cdk.log');
  const child = spawn(process.execPath, [join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args], {
    cwd: app,
    env: { ...cdkVariables(access), ...(at && variablesOf(at)) },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exitCode, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const output = Buffer.concat(chunks).toString();
  await writeFile(logFile, output);
  return { exitCode, killedBy, output, logFile };
}

/**
 * Runs a command of the CDK CLI that must succeed. See {@link runCdk}.
 *
 * @returns The log file.
 * @throws Error with the end of the output if the command fails.
 */
export async function cdk(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
  at?: CdkEnvironment,
): Promise<string> {
  const { exitCode, killedBy, logFile } = await runCdk(access, app, folder, args, signal, at);
  if (exitCode !== 0) {
    throw new Error(`cdk ${args[0]} ended with ${killedBy ?? `exit code ${exitCode}`}. ${lastLines(logFile, 30)}`);
  }
  return logFile;
}

/** Omits the profiles, proxies and CDK settings of this process. They could change the result. */
function cdkVariables(access: LocalCloudAccess): Record<string, string> {
  return {
    // cdk.json starts the app by `node`.
    PATH: [NODE_BIN, process.env['PATH'] ?? ''].join(delimiter),
    HOME: process.env['HOME'] ?? access.stateDir,
    TMPDIR: process.env['TMPDIR'] ?? '/tmp',
    // The CLI caches the account of each access key in this folder. The default is shared by all
    // projects.
    CDK_HOME: join(access.stateDir, 'cdk', 'home'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CI: 'true',
    ...awsEnvironment(access),
  };
}

/** The emulator accepts the account number as the access key of the account's root user. */
function variablesOf({ account, region }: CdkEnvironment): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: account,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
  };
}
