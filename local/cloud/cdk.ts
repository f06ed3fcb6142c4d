import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { COMPILE_CACHE, NODE_BIN, PROJECT } from '../project.ts';
import { awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloudAccess } from './access.ts';
import { createOnce } from './claim.ts';

/** An account and a region. The emulator has every account that a request names. */
export interface CdkEnvironment {
  readonly account: string;
  readonly region: string;
}

const LOCAL_ENVIRONMENT: CdkEnvironment = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };

export interface Deployment {
  /** Outputs of each stack, by stack name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The folder of the cloud assembly: the deployed templates and assets. */
  readonly assembly: string;
  /** The output of the CDK. */
  readonly logFile: string;
}

export interface CdkCommand {
  /** The folder of the app's cdk.json. */
  readonly app: string;
  /** Receives the files that the CDK writes. */
  readonly folder: string;
  readonly args: readonly string[];
  /** @default the account and the region of the local cloud */
  readonly environment?: CdkEnvironment;
  /** Ends the CDK when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface CdkResult {
  readonly exitCode: number | null;
  /** Both output streams. */
  readonly output: string;
}

/**
 * Deploys the CDK app of this project with the real `cdk deploy`. The first deployment runs the
 * real `cdk bootstrap`.
 *
 * @param configuration The text of a rotation.yaml. Paths in it must be absolute.
 * @param signal Ends the CDK when it is aborted.
 * @throws Error with the end of the CDK's output if the deployment fails.
 */
export async function deploy(
  access: LocalCloudAccess,
  configuration: string,
  signal?: AbortSignal,
): Promise<Deployment> {
  const folder = await newFolder(access, 'deployment-');
  const file = join(folder, 'rotation.yaml');
  await writeFile(file, configuration);
  return deployStacks(access, { app: PROJECT, folder, args: ['--all', '-c', `config=${file}`], signal });
}

/** Deploys stacks of a CDK app. @param command Its arguments name the stacks. */
export async function deployStacks(access: LocalCloudAccess, command: CdkCommand): Promise<Deployment> {
  await bootstrap(access, command);
  const assembly = join(command.folder, 'cdk.out');
  const outputsFile = join(command.folder, 'outputs.json');
  const flags = ['--require-approval', 'never', '--output', assembly, '--outputs-file', outputsFile];
  // With a change set, the CDK loads its database of all resource types at each deployment, which
  // takes a quarter of the processor time.
  const method = ['--method', 'direct'];
  await runCdkOrThrow(access, { ...command, args: ['deploy', ...command.args, ...method, ...flags] });
  const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Deployment['outputs'];
  return { outputs, assembly, logFile: join(command.folder, 'cdk.log') };
}

/**
 * Runs once for each cloud and environment. Two test files that deploy to the same cloud at the
 * same time are two processes, and CloudFormation refuses the second of two bootstraps at once.
 */
async function bootstrap(access: LocalCloudAccess, { environment, signal }: CdkCommand): Promise<void> {
  const { account, region } = environment ?? LOCAL_ENVIRONMENT;
  const folder = await newFolder(access, 'bootstrap-');
  const done = join(folder, '..', `bootstrapped-${account}-${region}`);
  await createOnce(done, async () => {
    const args = ['bootstrap', `aws://${account}/${region}`];
    // In a folder without an app, which the CDK would synthesize.
    await runCdkOrThrow(access, { app: folder, folder, args, environment: { account, region }, signal });
    await writeFile(done, '');
  });
}

async function newFolder(access: LocalCloudAccess, prefix: string): Promise<string> {
  const parent = join(access.stateDir, 'cdk');
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, prefix));
}

/** Runs the CDK CLI against a local cloud. A failed command is a result, not an exception. */
export async function runCdk(
  access: LocalCloudAccess,
  { app, folder, args, environment = LOCAL_ENVIRONMENT, signal }: CdkCommand,
): Promise<CdkResult> {
  const child = spawn(process.execPath, [join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args], {
    cwd: app,
    env: cdkVariables(access, environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const output = Buffer.concat(chunks).toString();
  await writeFile(join(folder, 'cdk.log'), output);
  return { exitCode, output };
}

/** Runs the CDK CLI. @throws Error with the end of its output if the command fails. */
export async function runCdkOrThrow(access: LocalCloudAccess, command: CdkCommand): Promise<void> {
  const { exitCode, output } = await runCdk(access, command);
  if (exitCode !== 0) {
    const end = output.trimEnd().split('\n').slice(-30).join('\n');
    throw new Error(`cdk ${command.args[0]} in ${command.folder} ended with exit code ${exitCode}:\n${end}`);
  }
}

/**
 * The variables of the CDK CLI. Omits the profiles, proxies and CDK settings of this process. They
 * could change the result.
 */
export function cdkVariables(
  access: LocalCloudAccess,
  { account, region }: CdkEnvironment = LOCAL_ENVIRONMENT,
): Record<string, string> {
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
    ...(access.functionBundles !== undefined && { FUNCTION_BUNDLES: access.functionBundles }),
    ...awsEnvironment(access),
    // The emulator accepts an account number as the access key of the account's root user.
    AWS_ACCESS_KEY_ID: account,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CDK_DEFAULT_ACCOUNT: account,
    CDK_DEFAULT_REGION: region,
  };
}
