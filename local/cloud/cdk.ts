import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../project.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloudAccess } from './access.ts';
import { type CdkCommand, type CdkEnvironment, type CdkResult, runCdk, runCdkOrThrow } from './cdk-command.ts';
import { claimInTurn } from './claim.ts';

const LOCAL_ENVIRONMENT: CdkEnvironment = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };

export interface Deployment {
  /** Outputs of each stack, by stack name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The folder of the cloud assembly: the deployed templates and assets. */
  readonly assembly: string;
  /** The output of the CDK. */
  readonly logFile: string;
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
  const args = ['--all', '-c', `config=${file}`];
  return deployStacks(access, { app: PROJECT, folder, args, environment: LOCAL_ENVIRONMENT, signal });
}

/**
 * Deploys every stack of a CDK app. See {@link deploy}.
 *
 * @param app The folder of its cdk.json.
 * @param folder Receives the files that the CDK writes.
 * @param options Further options of `cdk deploy`.
 */
export function deployApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
): Promise<Deployment> {
  return deployStacks(access, { app, folder, args: ['--all', ...options], environment: LOCAL_ENVIRONMENT });
}

/** Deploys one stack of a CDK app into another account or region. See {@link deployApp}. */
export function deployStack(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  stack: string,
  environment: CdkEnvironment,
  options: readonly string[] = [],
): Promise<Deployment> {
  return deployStacks(access, { app, folder, args: [stack, '--exclusively', ...options], environment });
}

async function deployStacks(access: LocalCloudAccess, command: CdkCommand): Promise<Deployment> {
  await bootstrap(access, command);
  const assembly = join(command.folder, 'cdk.out');
  const outputsFile = join(command.folder, 'outputs.json');
  const flags = ['--require-approval', 'never', '--output', assembly, '--outputs-file', outputsFile];
  const { logFile } = await runCdkOrThrow(access, { ...command, args: ['deploy', ...command.args, ...flags] });
  const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Deployment['outputs'];
  return { outputs, assembly, logFile };
}

/**
 * Runs `cdk diff --fail` on every stack of a CDK app, with change sets of CloudFormation. The
 * parameters are those of {@link deployApp}.
 *
 * @returns Exit code 1 means a difference or a failure. The output tells which.
 */
export function diffApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
): Promise<CdkResult> {
  // By default, the CDK compares templates if the change set fails. Then the result proves less.
  const flags = ['--fail', '--method', 'change-set', '--output', join(folder, 'cdk.diff.out')];
  return runCdk(access, { app, folder, args: ['diff', ...flags, ...options], environment: LOCAL_ENVIRONMENT });
}

/** Deletes every stack of a CDK app with `cdk destroy`. See {@link deployApp}. */
export async function destroyApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
): Promise<void> {
  const args = ['destroy', '--all', '--force', '--output', join(folder, 'cdk.destroy.out'), ...options];
  await runCdkOrThrow(access, { app, folder, args, environment: LOCAL_ENVIRONMENT });
}

/**
 * Runs once for each cloud and environment. Two test files that deploy to the same cloud at the
 * same time are two processes, and CloudFormation refuses the second of two bootstraps at once.
 */
async function bootstrap(access: LocalCloudAccess, { environment, signal }: CdkCommand): Promise<void> {
  const folder = await newFolder(access, 'bootstrap-');
  const done = join(folder, '..', `bootstrapped-${environment.account}-${environment.region}`);
  const release = await claimInTurn(done);
  try {
    if (!existsSync(done)) {
      const target = `aws://${environment.account}/${environment.region}`;
      const args = ['bootstrap', target, '--output', join(folder, 'cdk.out')];
      await runCdkOrThrow(access, { app: PROJECT, folder, args, environment, signal });
      await writeFile(done, '');
    }
  } finally {
    await release();
  }
}

async function newFolder(access: LocalCloudAccess, prefix: string): Promise<string> {
  const parent = join(access.stateDir, 'cdk');
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, prefix));
}
