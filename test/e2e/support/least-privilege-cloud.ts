import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { deployApp } from '../../../local/cloud/cdk.ts';
import { type LocalCloud, startLocalCloud } from '../../../local/local-cloud.ts';
import { PROJECT } from '../../../local/project.ts';
import { functionZip } from '../../emulator/support/function-zip.ts';
import { policyOf } from '../../emulator/support/identities.ts';
import { type Answer, type Call, signedRequest } from '../../emulator/support/signed-request.ts';
import { rotationSettles } from '../../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../../support/function-log.ts';
import { awsOptions, newPassword } from '../../support/servers.ts';
import { type DeployedPolicy, deployedPolicies, type Statement } from './deployed-policies.ts';
import type { ExistingResources } from './least-privilege-app.ts';

const STACK = 'LeastPrivilege';

/** AWSCURRENT moved, or the function's log has the error of a failed step. */
export type RotationResult = 'rotated' | { readonly code: string; readonly message: string };

/** The value holds the user's password, another password, or an unreachable endpoint. */
export type SecretKind = 'valid' | 'lost' | 'unreachable';

/** A local cloud that enforces all policies, with a stack with keys, admin secret, alarms. */
export class LeastPrivilegeCloud {
  readonly #cloud: LocalCloud;
  /** Client options of the root user. */
  readonly config: AwsOptions;
  readonly secretsManager: SecretsManager;
  readonly lambda: Lambda;
  policies: readonly DeployedPolicy[] = [];
  secretKeyArn = '';
  functionArn = '';
  overdueCheckArn = '';
  topicArn = '';

  private constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    this.config = awsOptions(cloud.access.awsUrl);
    this.secretsManager = new SecretsManager({ ...this.config, maxAttempts: 1 });
    this.lambda = new Lambda(this.config);
  }

  static async start(): Promise<LeastPrivilegeCloud> {
    const stateDir = mkdtempSync(join(tmpdir(), 'least-privilege-'));
    // The policy of the CDK's bucket requires TLS.
    const emulator = { retries: 0, https: true, env: { AUTH: 'true' } };
    return new LeastPrivilegeCloud(await startLocalCloud({ stateDir, emulator }));
  }

  async stop(): Promise<void> {
    await this.#cloud.stop();
  }

  /** Deploys the stack with new secrets `milvus/<name>` and an admin secret with its own key. */
  async deploy(secrets: Readonly<Record<string, SecretKind>>): Promise<void> {
    const names = Object.keys(secrets);
    const [secretKeyArn, adminKeyArn] = await Promise.all([this.createKey(), this.createKey()]);
    this.secretKeyArn = secretKeyArn;
    await Promise.all(names.map((name) => this.createSecret(name, secrets[name])));
    const { endpoint, rootPassword } = this.#cloud.access.milvus.plaintext;
    const admin = JSON.stringify({ endpoint, username: 'root', password: rootPassword });
    const { ARN: adminSecretArn = '' } = await this.secretsManager.createSecret({
      Name: 'admin',
      SecretString: admin,
      KmsKeyId: adminKeyArn,
    });
    const existing: ExistingResources = {
      secrets: names.map((name) => {
        const { endpoint, username } = this.valueOf(name);
        return { name: `milvus/${name}`, pinned: secrets[name] === 'lost' ? { endpoint, username } : undefined };
      }),
      secretKeyArn,
      adminSecretArn,
      adminKeyArn,
    };
    const folder = mkdtempSync(join(this.#cloud.access.stateDir, 'least-privilege-'));
    const options = [
      '--app',
      'node test/e2e/support/least-privilege-app.ts',
      '-c',
      `existing=${JSON.stringify(existing)}`,
    ];
    const { outputs } = await deployApp(this.#cloud.access, PROJECT, folder, options);
    const output = (name: string): string => outputs[STACK]?.[name] ?? '';
    this.functionArn = output('RotationFunctionArn');
    this.overdueCheckArn = output('OverdueCheckArn');
    this.topicArn = output('TopicArn');
    this.policies = await deployedPolicies(this.config, STACK);
    // Secrets Manager tests the function when a schedule is configured.
    await Promise.all(names.map((name) => this.#rotationSettles(name)));
  }

  /** Creates a cluster user and its secret. */
  async createSecret(name: string, kind: SecretKind = 'valid'): Promise<string> {
    const value = this.valueOf(name);
    await this.#cloud.createClusterUser('plaintext', value);
    if (kind === 'lost') value.password = newPassword();
    if (kind === 'unreachable') value.endpoint = 'http://127.0.0.1:1';
    const { ARN = '' } = await this.secretsManager.createSecret({
      Name: `milvus/${name}`,
      SecretString: JSON.stringify(value),
      KmsKeyId: this.secretKeyArn,
    });
    return ARN;
  }

  /** A value for the secret of this name, with a new password. */
  valueOf(name: string): Record<'endpoint' | 'username' | 'password', string> {
    const { endpoint } = this.#cloud.access.milvus.plaintext;
    return { endpoint, username: `user_${name.replaceAll('-', '_')}`, password: newPassword() };
  }

  /** The names of all deployed statements. */
  get statements(): readonly string[] {
    return this.policies.flatMap((policy) => policy.statements.map((statement) => policy.nameOf(statement)));
  }

  /** @throws Error if not exactly one deployed statement has the name. */
  #statement(name: string): { readonly policy: DeployedPolicy; readonly statement: Statement } {
    const [first, ...others] = this.policies.flatMap((policy) =>
      policy.statements
        .filter((statement) => policy.nameOf(statement) === name)
        .map((statement) => ({ policy, statement })),
    );
    if (first === undefined || others.length > 0) {
      throw new Error(
        `${first === undefined ? 0 : 1 + others.length} deployed statements are "${name}". There are: ${this.statements.join('; ')}`,
      );
    }
    return first;
  }

  /** Calls `work` while the statement is changed or removed, and then restores the statement. */
  async withChanged<T>(
    name: string,
    change: (statement: Statement) => Statement | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const { policy, statement } = this.#statement(name);
    await policy.replace(
      policy.statements.flatMap((other) => (other === statement ? (change(statement) ?? []) : other)),
    );
    try {
      return await work();
    } finally {
      await policy.replace(policy.statements);
    }
  }

  /** Rotates a secret. @param RotationLambdaARN the function for a secret that is in no stack. */
  async rotate(name: string, RotationLambdaARN?: string): Promise<RotationResult> {
    const { result } = await this.rotateAndReadLog(name, RotationLambdaARN);
    return result;
  }

  /** Does the same as {@link rotate}, and reads the function's log about this rotation. */
  async rotateAndReadLog(
    name: string,
    RotationLambdaARN?: string,
  ): Promise<{ readonly result: RotationResult; readonly log: readonly string[] }> {
    const [SecretId, ClientRequestToken] = [`milvus/${name}`, randomUUID()];
    const schedule = { RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 300 } };
    await this.secretsManager.rotateSecret({
      SecretId,
      ClientRequestToken,
      ...(RotationLambdaARN === undefined ? {} : schedule),
    });
    await this.#rotationSettles(name);
    const { VersionIdsToStages = {} } = await this.secretsManager.describeSecret({ SecretId });
    const log = (await this.logOf(this.functionArn)).filter((line) => line.includes(ClientRequestToken));
    const rotated = VersionIdsToStages[ClientRequestToken]?.includes('AWSCURRENT') === true;
    return { result: rotated ? 'rotated' : failureIn(log), log };
  }

  async #rotationSettles(name: string): Promise<void> {
    await rotationSettles(`milvus/${name}`, 'idle', this.config.endpoint);
  }

  logGroupOf(functionArn: string): Promise<string> {
    return logGroupOf(functionArn, this.config);
  }

  async logOf(functionArn: string): Promise<readonly string[]> {
    return logLinesIn(await this.logGroupOf(functionArn), this.config);
  }

  async roleOfFunction(): Promise<string | undefined> {
    const { Role } = await this.lambda.getFunctionConfiguration({ FunctionName: this.functionArn });
    return Role;
  }

  /** Gives the role of the function access in the policy of a secret. */
  async allowRole(SecretId: string, Action: string | string[] = 'secretsmanager:*'): Promise<void> {
    const ResourcePolicy = policyOf([{ Principal: { AWS: await this.roleOfFunction() }, Action }]);
    await this.secretsManager.putResourcePolicy({ SecretId, ResourcePolicy });
  }

  /** Calls KMS as the root user. */
  kms(action: string, body: object): Promise<Answer> {
    return signedRequest(this.config, { service: 'kms', target: `TrentService.${action}`, body });
  }

  /**
   * Calls `work` while the rotation function has other code. `call` makes a request with this
   * code, to show what an attacker with control of the function could do.
   */
  async withOtherCode<T>(work: (call: (call: Call) => Promise<Answer>) => Promise<T>): Promise<T> {
    const FunctionName = this.functionArn;
    const { Code } = await this.lambda.getFunction({ FunctionName });
    const original = Buffer.from(await (await fetch(Code?.Location ?? '')).arrayBuffer());
    const ZipFile = await functionZip('probe-function.ts');
    await this.lambda.updateFunctionCode({ FunctionName, ZipFile });
    try {
      return await work(async (call) => {
        const Payload = Buffer.from(JSON.stringify(call));
        const answer = await this.lambda.invoke({ FunctionName, Payload });
        const text = Buffer.from(answer.Payload ?? []).toString();
        if (answer.FunctionError !== undefined) {
          throw new Error(`The function ${FunctionName} failed. Is its code the probe? ${text}`);
        }
        return JSON.parse(text) as Answer;
      });
    } finally {
      await this.lambda.updateFunctionCode({ FunctionName, ZipFile: original });
    }
  }

  /** Creates a key with the default policy of KMS, which leaves every decision to IAM. */
  async createKey(): Promise<string> {
    const Principal = { AWS: `arn:aws:iam::${LOCAL_ACCOUNT}:root` };
    const { body } = await this.kms('CreateKey', { Policy: policyOf([{ Principal, Action: 'kms:*' }]) });
    return (JSON.parse(body) as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn;
  }
}

/** The error of the failed step in the function's log. */
function failureIn(log: readonly string[]): RotationResult {
  const [failed] = entriesWith(log, '"rotation_event":"step-failed"');
  if (failed === undefined) {
    throw new Error(`The rotation failed, and the log of the function names no failed step: ${log.join('\n')}`);
  }
  const { error_code: code, error_message: message } = failed as { error_code: string; error_message: string };
  return { code, message };
}
