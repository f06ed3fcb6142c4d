import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionCommand, LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../../local/cloud/access.ts';
import { deployApp } from '../../../local/cloud/cdk.ts';
import { type LocalCloud, startLocalCloud } from '../../../local/local-cloud.ts';
import { PROJECT } from '../../../local/project.ts';
import { functionZip } from '../../emulator/support/function-zip.ts';
import { policyOf } from '../../emulator/support/identities.ts';
import type { ClientConfig } from '../../emulator/support/local-aws.ts';
import { callOfCode } from '../../emulator/support/probe.ts';
import { type Answer, type Call, signedRequest } from '../../emulator/support/signed-request.ts';
import { type DeployedPolicy, deployedPolicies, type Statement } from './deployed-policies.ts';
import type { Given } from './least-privilege-app.ts';

const STACK = 'LeastPrivilege';

/** How a rotation ended: AWSCURRENT moved, or what the function's own log says of the step that failed. */
export type Ending = 'rotated' | { readonly code: string; readonly message: string };

/** What a secret holds: the user's password, one that nobody has, or an address where nothing listens. */
export type Kind = 'valid' | 'lost' | 'unreachable';

/** A cloud of its own, whose emulator enforces all policies, and the stack deployed into it: keys, VPC, admin secret, alarms. */
export class LeastPrivilegeCloud {
  readonly #cloud: LocalCloud;
  /** As root. */
  readonly config: ClientConfig;
  readonly secretsManager: SecretsManagerClient;
  readonly lambda: LambdaClient;
  policies: readonly DeployedPolicy[] = [];
  secretKeyArn = '';
  functionArn = '';
  overdueCheckArn = '';
  topicArn = '';

  private constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    this.config = {
      endpoint: cloud.access.awsUrl,
      region: LOCAL_REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    this.secretsManager = new SecretsManagerClient({ ...this.config, maxAttempts: 1 });
    this.lambda = new LambdaClient(this.config);
  }

  static async start(): Promise<LeastPrivilegeCloud> {
    const stateDir = mkdtempSync(join(tmpdir(), 'least-privilege-'));
    // The bucket of the CDK wants TLS, as on AWS.
    const emulator = { retries: 0, https: true, env: { AUTH: 'true' } };
    return new LeastPrivilegeCloud(await startLocalCloud({ stateDir, emulator }));
  }

  async stop(): Promise<void> {
    await this.#cloud.stop();
  }

  /** Stores these secrets below `milvus/` under one key, root as the admin under another, and deploys. */
  async deploy(secrets: Readonly<Record<string, Kind>>): Promise<void> {
    const names = Object.keys(secrets);
    const [secretKeyArn, adminKeyArn] = await Promise.all([this.#createKey(), this.#createKey()]);
    this.secretKeyArn = secretKeyArn;
    await Promise.all(names.map((name) => this.createSecret(name, secrets[name])));
    const { endpoint, rootPassword } = this.#cloud.access.milvus.plaintext;
    const admin = JSON.stringify({ endpoint, username: 'root', password: rootPassword });
    const { ARN: adminSecretArn = '' } = await this.secretsManager.send(
      new CreateSecretCommand({ Name: 'admin', SecretString: admin, KmsKeyId: adminKeyArn }),
    );
    const given: Given = {
      secrets: names.map((name) => `milvus/${name}`),
      ...{
        secretKeyArn,
        adminSecretArn,
        adminKeyArn,
        subnetId: 'subnet-0123456789abcdef0',
        securityGroupId: 'sg-0123456789abcdef0',
      },
    };
    const folder = mkdtempSync(join(this.#cloud.access.stateDir, 'least-privilege-'));
    const options = ['--app', 'node test/local/support/least-privilege-app.ts', '-c', `given=${JSON.stringify(given)}`];
    const { outputs } = await deployApp(this.#cloud.access, PROJECT, folder, options);
    const output = (name: string): string => outputs[STACK]?.[name] ?? '';
    this.functionArn = output('RotationFunctionArn');
    this.overdueCheckArn = output('OverdueCheckArn');
    this.topicArn = output('TopicArn');
    this.policies = await deployedPolicies(this.config, STACK);
    // The test of each configuration, which Secrets Manager makes by itself.
    await Promise.all(names.map((name) => this.settled(name)));
  }

  /** A cluster user and its secret. */
  async createSecret(name: string, kind: Kind = 'valid'): Promise<string> {
    const user = { username: `user_${name.replaceAll('-', '_')}`, password: newPassword() };
    await this.#cloud.createClusterUser('plaintext', user);
    const value = this.valueOf(name);
    if (kind === 'valid') value.password = user.password;
    if (kind === 'unreachable') value.endpoint = 'http://127.0.0.1:1';
    const { ARN = '' } = await this.secretsManager.send(
      new CreateSecretCommand({
        Name: `milvus/${name}`,
        SecretString: JSON.stringify(value),
        KmsKeyId: this.secretKeyArn,
      }),
    );
    return ARN;
  }

  /** What a secret of this user holds, with a password that nobody has. */
  valueOf(name: string): Record<'endpoint' | 'username' | 'password', string> {
    const { endpoint } = this.#cloud.access.milvus.plaintext;
    return { endpoint, username: `user_${name.replaceAll('-', '_')}`, password: newPassword() };
  }

  /** Names of all deployed statements. */
  get statements(): readonly string[] {
    return this.policies.flatMap((policy) => policy.statements.map((one) => policy.nameOf(one)));
  }

  /** The one deployed statement of that name, and its policy. */
  statement(name: string): { readonly policy: DeployedPolicy; readonly statement: Statement } {
    const found = this.policies.flatMap((policy) =>
      policy.statements.filter((one) => policy.nameOf(one) === name).map((statement) => ({ policy, statement })),
    );
    if (found.length !== 1 || found[0] === undefined) {
      throw new Error(`${found.length} deployed statements are "${name}". There are: ${this.statements.join('; ')}`);
    }
    return found[0];
  }

  /** Does the work while the statement is changed, or gone; then it is as deployed again. */
  async withChanged<T>(
    name: string,
    change: (statement: Statement) => Statement | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const { policy, statement } = this.statement(name);
    await policy.replace(policy.statements.flatMap((one) => (one === statement ? (change(one) ?? []) : one)));
    try {
      return await work();
    } finally {
      await policy.replace(policy.statements);
    }
  }

  /** Rotates to the end. @param RotationLambdaARN For a secret that no stack has given a function to. */
  async rotate(name: string, RotationLambdaARN?: string): Promise<Ending> {
    const { ending } = await this.rotateAndReadLog(name, RotationLambdaARN);
    return ending;
  }

  /** The same, with the lines that the function's log has of it. */
  async rotateAndReadLog(
    name: string,
    RotationLambdaARN?: string,
  ): Promise<{ readonly ending: Ending; readonly log: readonly string[] }> {
    const [SecretId, ClientRequestToken] = [`milvus/${name}`, randomUUID()];
    const rules = { RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 300 } };
    await this.secretsManager.send(
      new RotateSecretCommand({
        SecretId,
        ClientRequestToken,
        ...(RotationLambdaARN === undefined ? {} : { ...rules, RotationLambdaARN }),
      }),
    );
    await this.settled(name);
    const { VersionIdsToStages = {} } = await this.secretsManager.send(new DescribeSecretCommand({ SecretId }));
    const log = (await this.logOf(this.functionArn)).filter((line) => line.includes(ClientRequestToken));
    const moved = VersionIdsToStages[ClientRequestToken]?.includes('AWSCURRENT') === true;
    return { ending: moved ? 'rotated' : failureIn(log), log };
  }

  async settled(name: string): Promise<void> {
    const query = new URLSearchParams({ secret: `milvus/${name}`, wait: 'idle', timeout: '60' });
    const answer = await fetch(`${this.#cloud.access.awsUrl}/_local/rotation?${query.toString()}`);
    const { state } = (await answer.json()) as { state?: string };
    if (state !== 'idle') {
      throw new Error(`The rotation of milvus/${name} is ${state}.`);
    }
  }

  logGroupOf(functionArn: string): Promise<string> {
    return this.lambda
      .send(new GetFunctionCommand({ FunctionName: functionArn }))
      .then(({ Configuration }) => Configuration?.LoggingConfig?.LogGroup ?? '');
  }

  /** Every line of the log of this function. */
  async logOf(functionArn: string): Promise<readonly string[]> {
    const client = new CloudWatchLogsClient(this.config);
    const lines: string[] = [];
    const logGroupName = await this.logGroupOf(functionArn);
    for await (const { events = [] } of paginateFilterLogEvents({ client }, { logGroupName })) {
      lines.push(...events.map(({ message = '' }) => message));
    }
    return lines;
  }

  /** Calls of KMS, which has no client here, as root. */
  kms(action: string, body: object): Promise<Answer> {
    return signedRequest(this.config, { service: 'kms', target: `TrentService.${action}`, body });
  }

  /**
   * Does the work while the rotation function has other code, which makes the calls that it is told to: what could whoever gets
   * hold of the function do?
   */
  async withOtherCode<T>(work: (call: (call: Call) => Promise<Answer>) => Promise<T>): Promise<T> {
    const FunctionName = this.functionArn;
    const { Code } = await this.lambda.send(new GetFunctionCommand({ FunctionName }));
    const original = Buffer.from(await (await fetch(Code?.Location ?? '')).arrayBuffer());
    const ZipFile = await functionZip('probe-function.ts');
    await this.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    try {
      return await work((call) => callOfCode(this.lambda, FunctionName, call));
    } finally {
      await this.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: original }));
    }
  }

  /** With the policy that KMS gives to a key: IAM decides. */
  async #createKey(): Promise<string> {
    const Principal = { AWS: `arn:aws:iam::${LOCAL_ACCOUNT}:root` };
    const { body } = await this.kms('CreateKey', { Policy: policyOf([{ Principal, Action: 'kms:*' }]) });
    return (JSON.parse(body) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
  }
}

/** The one line of the function's log that says which step failed and why. */
function failureIn(log: readonly string[]): Ending {
  const failed = log.find((line) => line.includes('"rotation_event":"step-failed"'));
  if (failed === undefined) {
    throw new Error(`The rotation failed, and the log of the function names no failed step: ${log.join('\n')}`);
  }
  const { error_code: code, error_message: message } = JSON.parse(failed) as {
    error_code: string;
    error_message: string;
  };
  return { code, message };
}

function newPassword(): string {
  return `Aa1!${randomBytes(12).toString('hex')}`;
}
