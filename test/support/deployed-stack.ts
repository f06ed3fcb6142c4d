import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CdkCommand,
  type CdkResult,
  type Deployment,
  deployStacks,
  runCdk,
  runCdkOrThrow,
} from '../../local/cloud/cdk.ts';
import { createOnce } from '../../local/cloud/claim.ts';
import type { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import { PROJECT } from '../../local/project.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import { secretNamed } from './deployed-rotation.ts';
import { logGroupOf, logLinesIn } from './function-log.ts';
import { servers, uniqueName, uniqueStackName } from './servers.ts';

/** An element of `secrets` in a configuration file. The schedule is 30 days, if it has none. */
export type SecretEntry = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A stack of this project, deployed by the CDK from a configuration file that its owner edits. */
export class DeployedStack {
  readonly name: string = uniqueStackName('Rotation');
  entries: SecretEntry[];
  /** The number of stacks with secrets. Undefined: one stack contains everything. */
  stacks: number | undefined;
  functionArn = '';
  readonly #keys: { readonly function?: object; readonly monitoring?: object };
  readonly #app: string;
  readonly #folder = mkdtempSync(join(servers().access.stateDir, 'stack-'));

  /**
   * @param keys of the configuration file besides the secrets.
   * @param app the folder of a CDK app that reads the file.
   */
  constructor(
    entries: SecretEntry[] = [],
    keys: { readonly function?: object; readonly monitoring?: object } = {},
    app: string = PROJECT,
  ) {
    this.entries = entries;
    this.#keys = keys;
    this.#app = app;
  }

  /** Deploys, and waits until Secrets Manager has tested each new schedule. */
  async deploy(): Promise<Deployment> {
    const deployment = await deployStacks(servers().access, this.#command('--all'));
    this.functionArn = deployment.outputs[this.name]?.['RotationFunctionArn'] ?? '';
    await Promise.all(this.entries.map(({ name, arn, create }) => secretNamed(String(name ?? arn ?? create)).until()));
    return deployment;
  }

  /** Deploys one stack of the app, and none of those that it depends on. */
  async deployOnly(stack: string): Promise<void> {
    await deployStacks(servers().access, this.#command(stack, '--exclusively'));
  }

  /** Deploys, and rolls the stack back by a command of its own. @throws as the deployment did */
  async deployAndRollBack(stack: string): Promise<void> {
    const flags = ['--all', '--no-rollback', '--require-approval', 'never', ...this.#output];
    try {
      await runCdkOrThrow(servers().access, this.#command('deploy', ...flags));
    } finally {
      await runCdkOrThrow(servers().access, this.#command('rollback', stack, ...this.#output));
    }
  }

  /** Exit code 1 means a difference or a failure. The output tells which. */
  async diff(): Promise<CdkResult> {
    // By default, the CDK compares templates if the change set fails. Then the result proves less.
    return await runCdk(servers().access, this.#command('diff', '--fail', '--method', 'change-set', ...this.#output));
  }

  async destroy(): Promise<void> {
    await runCdkOrThrow(servers().access, this.#command('destroy', '--all', '--force', ...this.#output));
  }

  /** Every line of the function's log, oldest first. */
  async logLines(): Promise<string[]> {
    return logLinesIn(await logGroupOf(this.functionArn));
  }

  get #output(): readonly string[] {
    return ['--output', join(this.#folder, 'cdk.other.out')];
  }

  #command(...args: readonly string[]): CdkCommand {
    const file = join(this.#folder, 'rotation.yaml');
    const { caFile } = servers().access;
    const configuration = {
      ...this.#keys,
      stackName: this.name,
      ...(this.stacks !== undefined && { stacks: this.stacks }),
      function: { allowedEndpoints: ['127.0.0.1', 'localhost'], caFile, ...this.#keys.function },
      secrets: this.entries.map((entry) => ({ schedule: 'rate(30 days)', ...entry })),
    };
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(configuration));
    return { app: this.#app, folder: this.#folder, args: [...args, '--context', `config=${file}`] };
  }
}

/** Contains every secret that a test creates by {@link newSecret}. */
const FOLDER = 'zilliz/';

/**
 * Gives the secrets a schedule, with a function that all test files share. The first test that
 * needs the function deploys it, for every secret in the folder.
 */
export async function scheduleRotation(secrets: readonly CloudSecret[], transport: Transport = 'grpc'): Promise<void> {
  const functionArn = await sharedFunction(transport);
  await Promise.all(secrets.map((secret) => secret.configureRotation(functionArn)));
}

async function sharedFunction(transport: Transport): Promise<string> {
  const { access } = servers();
  const arnFile = join(access.stateDir, `function-${transport}`);
  await createOnce(arnFile, async () => {
    const { endpoint } = access.milvus.plaintext;
    const unused = { create: `${FOLDER}${uniqueName('unused')}`, endpoint, username: 'nobody' };
    const stack = new DeployedStack([unused], { function: { transport, secretNamePrefix: FOLDER } });
    await stack.deploy();
    writeFileSync(arnFile, stack.functionArn);
  });
  return readFileSync(arnFile, 'utf8');
}
