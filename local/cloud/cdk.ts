import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { lastLines } from '../process/service-process.ts';
import { NODE_BIN, PROJECT } from '../project.ts';
import { awsEnvironment, LOCAL_ACCOUNT, LOCAL_REGION, type LocalCloudAccess } from './access.ts';

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
  await bootstrap(access, signal);
  const assembly = join(folder, 'cdk.out');
  const outputsFile = join(folder, 'outputs.json');
  const flags = ['--require-approval', 'never', '--output', assembly, '--outputs-file', outputsFile, ...options];
  const logFile = await cdk(access, app, folder, ['deploy', '--all', ...flags], signal);
  const outputs = JSON.parse(await readFile(outputsFile, 'utf8')) as Deployment['outputs'];
  return { outputs, assembly, logFile };
}

const bootstrapping = new Map<string, Promise<unknown>>();

/** Once a process and cloud; a second bootstrap from another process changes nothing. */
async function bootstrap(access: LocalCloudAccess, signal?: AbortSignal): Promise<void> {
  let running = bootstrapping.get(access.awsUrl);
  if (running === undefined) {
    running = workFolder(access, 'bootstrap-').then((folder) =>
      cdk(
        access,
        PROJECT,
        folder,
        ['bootstrap', `aws://${LOCAL_ACCOUNT}/${LOCAL_REGION}`, '--output', join(folder, 'cdk.out')],
        signal,
      ),
    );
    bootstrapping.set(access.awsUrl, running);
  }
  await running;
}

async function workFolder(access: LocalCloudAccess, prefix: string): Promise<string> {
  const parent = join(access.stateDir, 'cdk');
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, prefix));
}

/** @returns The file that holds what the CDK said. */
async function cdk(
  access: LocalCloudAccess,
  app: string,
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const logFile = join(folder, 'cdk.log');
  const child = spawn(process.execPath, [join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args], {
    cwd: app,
    env: cdkEnvironment(access),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code, killedBy] = await once(child, 'close');
  await writeFile(logFile, Buffer.concat(said));
  if (code !== 0) {
    throw new Error(`cdk ${args[0]} ended with ${killedBy ?? `exit code ${code}`}. ${lastLines(logFile, 30)}`);
  }
  return logFile;
}

/** Little of this process's own environment: a profile, a proxy or a setting of the CDK must not change what is deployed. */
function cdkEnvironment(access: LocalCloudAccess): Record<string, string> {
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
