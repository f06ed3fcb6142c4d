import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../project.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloudAccess } from './access.ts';
import { type CdkEnvironment, type CdkRun, cdk, runCdk } from './cdk-command.ts';

const HOME: CdkEnvironment = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };

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
  const folder = await workFolder(access, 'deployment-');
  const configurationFile = join(folder, 'rotation.yaml');
  await writeFile(configurationFile, configuration);
  return deployApp(access, PROJECT, folder, ['-c', `config=${configurationFile}`], signal);
}

/**
 * Deploys every stack of a CDK app. See {@link deploy}.
 *
 * @param app The folder of its cdk.json.
 * @param folder Receives the files that the CDK writes.
 * @param options Further options of `cdk deploy`.
 */
export async function deployApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Deployment> {
  return deployStacks(access, app, folder, ['--all', ...options], HOME, signal);
}

/**
 * Deploys one stack of a CDK app into another account or region. See {@link deployApp}.
 *
 * @param at The environment of the stack.
 */
export function deployStack(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  stack: string,
  at: CdkEnvironment,
  options: readonly string[] = [],
): Promise<Deployment> {
  return deployStacks(access, app, folder, [stack, '--exclusively', ...options], at);
}

async function deployStacks(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  selected: readonly string[],
  at: CdkEnvironment,
  signal?: AbortSignal,
): Promise<Deployment> {
  await bootstrap(access, at, signal);
  const assembly = join(folder, 'cdk.out');
  const outputsFile = join(folder, 'outputs.json');
  const flags = ['--require-approval', 'never', '--output', assembly, '--outputs-file', outputsFile];
  const logFile = await cdk(access, app, folder, ['deploy', ...selected, ...flags], signal, at);
  const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Deployment['outputs'];
  return { outputs, assembly, logFile };
}

/**
 * Runs `cdk diff --fail` on every stack of a CDK app, with change sets of CloudFormation.
 *
 * @param app The folder of its cdk.json.
 * @param folder Receives the files that the CDK writes.
 * @param options Further options of `cdk diff`.
 * @returns Exit code 1 means a difference or a failure. The output tells which.
 */
export async function diffApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
): Promise<CdkRun> {
  // By default, the CDK compares templates if the change set fails. Then the result proves less.
  const flags = ['--fail', '--method', 'change-set', '--output', join(folder, 'cdk.diff.out'), ...options];
  return runCdk(access, app, folder, ['diff', ...flags]);
}

/** Deletes every stack of a CDK app with `cdk destroy`. See {@link deployApp}. */
export async function destroyApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
): Promise<void> {
  const flags = ['--all', '--force', '--output', join(folder, 'cdk.destroy.out'), ...options];
  await cdk(access, app, folder, ['destroy', ...flags]);
}

const bootstrapping = new Map<string, Promise<unknown>>();

/** Runs once in a process for each cloud and environment. Another bootstrap changes nothing. */
async function bootstrap(access: LocalCloudAccess, at: CdkEnvironment, signal?: AbortSignal): Promise<void> {
  const environment = `aws://${at.account}/${at.region}`;
  const key = `${access.awsUrl} ${environment}`;
  let running = bootstrapping.get(key);
  if (running === undefined) {
    running = workFolder(access, 'bootstrap-').then((folder) =>
      cdk(access, PROJECT, folder, ['bootstrap', environment, '--output', join(folder, 'cdk.out')], signal, at),
    );
    bootstrapping.set(key, running);
  }
  await running;
}

async function workFolder(access: LocalCloudAccess, prefix: string): Promise<string> {
  const parent = join(access.stateDir, 'cdk');
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, prefix));
}
