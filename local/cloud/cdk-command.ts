import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { lastLines } from '../process/service-process.ts';
import { NODE_BIN, PROJECT } from '../project.ts';
import { awsEnvironment, type LocalCloudAccess } from './access.ts';

/** An account of the emulator, which has as many as are named, and a region. */
export interface CdkEnvironment {
  readonly account: string;
  readonly region: string;
}

export interface CdkRun {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** What the CDK said, also in the file. */
  readonly said: string;
  readonly logFile: string;
}

/** Runs one command of the project's CDK against a local cloud, whatever its end. @param at in its own account by default. */
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
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const [exitCode, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const said = Buffer.concat(output).toString();
  await writeFile(logFile, said);
  return { exitCode, killedBy, said, logFile };
}

/**
 * The same for a command that must succeed.
 *
 * @returns The file that holds what the CDK said.
 * @throws Error with the end of it.
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

/** Little of this process's own environment: a profile, a proxy or a setting of the CDK must not change what is deployed. */
function cdkVariables(access: LocalCloudAccess): Record<string, string> {
  return {
    // The app's own `node` must be the project's.
    PATH: [NODE_BIN, process.env['PATH'] ?? ''].join(delimiter),
    HOME: process.env['HOME'] ?? access.stateDir,
    TMPDIR: process.env['TMPDIR'] ?? '/tmp',
    // Else the CLI keeps, for all projects of this user, which account the key `test` belongs to.
    CDK_HOME: join(access.stateDir, 'cdk', 'home'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CI: 'true',
    ...awsEnvironment(access),
  };
}

/** The emulator takes an access key of 12 digits for that of the account's root user. */
function variablesOf({ account, region }: CdkEnvironment): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: account,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
  };
}
