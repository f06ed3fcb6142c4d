import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../project.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloudAccess } from './access.ts';
import { type CdkEnvironment, type CdkRun, cdk, runCdk } from './cdk-command.ts';

const HOME: CdkEnvironment = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };

export interface Deployment {
  /** Outputs of each stack, by stack name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Holds the templates and the assets that were deployed: a cloud assembly. */
  readonly assembly: string;
  /** What the CDK said. */
  readonly logFile: string;
}

/**
 * Deploys the project's own CDK app with the real `cdk deploy`, after the real `cdk bootstrap` the first time.
 *
 * @param configuration The text of a rotation.yaml. Files that it names are looked for in the cloud's state folder: give
 * them as absolute paths.
 * @param signal Ends the CDK when it is aborted.
 * @throws Error with the end of what the CDK said.
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
 * Deploys every stack of a CDK app, likewise.
 *
 * @param app The folder of its cdk.json.
 * @param folder Takes what the CDK writes.
 * @param options More options of `cdk deploy`.
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
 * Deploys one stack of a CDK app, likewise, into an account and a region of its own.
 *
 * @param at must be the environment that the stack names.
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
 * Runs `cdk diff --fail` on every stack of a CDK app: its own exit code, with the change sets by which CloudFormation itself
 * says what it would do.
 *
 * @param app The folder of its cdk.json.
 * @param folder Takes what the CDK writes.
 * @param options More options of `cdk diff`.
 * @returns 1 as exit code means a difference or a failure: what the CDK said tells which.
 */
export async function diffApp(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  options: readonly string[] = [],
): Promise<CdkRun> {
  // Without the method, the CDK compares templates when the change set fails, and says so only in passing.
  const flags = ['--fail', '--method', 'change-set', '--output', join(folder, 'cdk.diff.out'), ...options];
  return runCdk(access, app, folder, ['diff', ...flags]);
}

/** Deletes every stack of a CDK app by `cdk destroy`, likewise. @throws Error with the end of what the CDK said. */
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

/** Once a process, cloud and environment; a second bootstrap from another process changes nothing. */
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
