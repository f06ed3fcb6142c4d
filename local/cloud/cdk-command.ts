import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { COMPILE_CACHE, NODE_BIN, PROJECT } from '../project.ts';
import { lastLines } from '../servers/service-process.ts';
import { awsEnvironment, type LocalCloudAccess } from './access.ts';

/** An account and a region. The emulator has every account that a request names. */
export interface CdkEnvironment {
  readonly account: string;
  readonly region: string;
}

export interface CdkCommand {
  /** The folder of the app's cdk.json. */
  readonly app: string;
  /** Receives the log and the other files of the command. */
  readonly folder: string;
  readonly args: readonly string[];
  readonly environment: CdkEnvironment;
  /** Ends the CDK when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface CdkResult {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** Both output streams. `logFile` holds the same text. */
  readonly output: string;
  readonly logFile: string;
}

/** Runs the CDK CLI against a local cloud. A failed command is a result, not an exception. */
export async function runCdk(access: LocalCloudAccess, command: CdkCommand): Promise<CdkResult> {
  const logFile = join(command.folder, 'cdk.log');
  const child = spawn(process.execPath, [join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...command.args], {
    cwd: command.app,
    env: variablesOf(access, command.environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: command.signal,
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exitCode, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const output = Buffer.concat(chunks).toString();
  await writeFile(logFile, output);
  return { exitCode, killedBy, output, logFile };
}

/** Runs the CDK CLI. @throws Error with the end of the output if the command fails. */
export async function runCdkOrThrow(access: LocalCloudAccess, command: CdkCommand): Promise<CdkResult> {
  const result = await runCdk(access, command);
  if (result.exitCode !== 0) {
    const end = result.killedBy ?? `exit code ${result.exitCode}`;
    throw new Error(`cdk ${command.args[0]} ended with ${end}. ${lastLines(result.logFile, 30)}`);
  }
  return result;
}

/** Omits the profiles, proxies and CDK settings of this process. They could change the result. */
function variablesOf(access: LocalCloudAccess, { account, region }: CdkEnvironment): Record<string, string> {
  return {
    // cdk.json starts the app by `node`.
    PATH: [NODE_BIN, process.env['PATH'] ?? ''].join(delimiter),
    HOME: process.env['HOME'] ?? access.stateDir,
    TMPDIR: process.env['TMPDIR'] ?? '/tmp',
    // The CLI caches the account of each access key here. All projects share the default folder.
    CDK_HOME: join(access.stateDir, 'cdk', 'home'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    // The rules of CloudFormation take two thirds of a synthesis. test/infra/policy-checks.test.ts
    // applies them once.
    CDK_VALIDATION: 'false',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    CI: 'true',
    ...awsEnvironment(access),
    // The emulator accepts an account number as the access key of the account's root user.
    AWS_ACCESS_KEY_ID: account,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
  };
}
