import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { LOCAL_REGION } from '../../../local/cloud/access.ts';
import { type LocalCloud, startLocalCloud } from '../../../local/local-cloud.ts';

export interface Statement {
  Action: string | string[];
  Resource: string | string[];
}

export interface Policy {
  readonly Statement: Statement[];
}

/** How a rotation ended: AWSCURRENT moved, or what the function's own log says of the step that failed. */
export type Ending = 'rotated' | { readonly code: string; readonly message: string };

/** A cloud of its own, whose emulator enforces the policy of the function's role, and the stack deployed into it. */
export class LeastPrivilegeCloud {
  readonly #cloud: LocalCloud;
  readonly secretsManager: SecretsManagerClient;
  readonly #iam: IAMClient;
  #functionArn = '';
  #role: { RoleName: string; PolicyName: string } = { RoleName: '', PolicyName: '' };
  #policy: Policy = { Statement: [] };

  private constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    this.secretsManager = new SecretsManagerClient(this.#options());
    this.#iam = new IAMClient(this.#options());
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

  get functionArn(): string {
    return this.#functionArn;
  }

  get policy(): Policy {
    return structuredClone(this.#policy);
  }

  get roleArn(): string {
    return `arn:aws:iam::000000000000:role/${this.#role.RoleName}`;
  }

  /** The project's own stack, with these secrets below `milvus/` and root as the admin for users whose password is lost. */
  async deploy(names: readonly string[]): Promise<void> {
    const { endpoint, rootPassword } = this.#cloud.access.milvus.plaintext;
    const admin = await this.#createSecret('admin', { endpoint, username: 'root', password: rootPassword });
    const stackName = 'zilliz-secret-rotation';
    const { outputs } = await this.#cloud.deploy(
      JSON.stringify({
        stackName,
        function: { allowedEndpoints: ['127.0.0.1', 'localhost'], adminSecretArn: admin },
        secrets: names.map((name) => ({ name: `milvus/${name}`, schedule: 'rate(300 days)' })),
      }),
    );
    this.#functionArn = outputs[stackName]?.['RotationFunctionArn'] ?? '';
    await this.#findRole();
    await Promise.all(names.map((name) => this.settled(name)));
  }

  /** A cluster user and its secret. @param stored What the secret says in place of the user's real password. */
  async secretOfUser(name: string, stored?: string): Promise<string> {
    const user = { username: `user_${name}`, password: newPassword() };
    await this.#cloud.createClusterUser('plaintext', user);
    return await this.#createSecret(`milvus/${name}`, {
      ...this.valueOf(name),
      password: stored ?? user.password,
    });
  }

  /** What a secret of this user holds, with a password that nobody has. */
  valueOf(name: string): Record<'endpoint' | 'username' | 'password', string> {
    const { endpoint } = this.#cloud.access.milvus.plaintext;
    return { endpoint, username: `user_${name}`, password: newPassword() };
  }

  async setPolicy(policy: Policy): Promise<void> {
    await this.#iam.send(new PutRolePolicyCommand({ ...this.#role, PolicyDocument: JSON.stringify(policy) }));
  }

  /** Rotates to the end. @param RotationLambdaARN For a secret that no stack has given a function to. */
  async rotate(name: string, RotationLambdaARN?: string): Promise<Ending> {
    const ClientRequestToken = randomUUID();
    const rules = { RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 300 } };
    await this.secretsManager.send(
      new RotateSecretCommand({
        SecretId: `milvus/${name}`,
        ClientRequestToken,
        ...(RotationLambdaARN === undefined ? {} : { ...rules, RotationLambdaARN }),
      }),
    );
    await this.settled(name);
    const { VersionIdsToStages = {} } = await this.secretsManager.send(
      new DescribeSecretCommand({ SecretId: `milvus/${name}` }),
    );
    return VersionIdsToStages[ClientRequestToken]?.includes('AWSCURRENT')
      ? 'rotated'
      : await this.#failureOf(ClientRequestToken);
  }

  async settled(name: string): Promise<void> {
    const query = new URLSearchParams({ secret: `milvus/${name}`, wait: 'idle', timeout: '60' });
    const answer = await fetch(`${this.#cloud.access.awsUrl}/_local/rotation?${query.toString()}`);
    const { state } = (await answer.json()) as { state?: string };
    if (state !== 'idle') {
      throw new Error(`The rotation of milvus/${name} is ${state}.`);
    }
  }

  /** Client options of somebody with the permissions of the role: no more, and no less. */
  async optionsWithPermissionsOfRole(): Promise<LambdaClientConfig> {
    const UserName = `twin-${randomUUID()}`;
    await this.#iam.send(new CreateUserCommand({ UserName }));
    await this.#iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: JSON.stringify(this.#policy) }),
    );
    const { AccessKey } = await this.#iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
    return { ...this.#options(), credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  }

  #options(): { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } } {
    return {
      endpoint: this.#cloud.access.awsUrl,
      region: LOCAL_REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
  }

  async #createSecret(Name: string, value: object): Promise<string> {
    const { ARN = '' } = await this.secretsManager.send(
      new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }),
    );
    return ARN;
  }

  async #findRole(): Promise<void> {
    const { Roles = [] } = await this.#iam.send(new ListRolesCommand({}));
    const RoleName =
      Roles.map((role) => role.RoleName ?? '').find((name) => name.includes('RotationFunctionRole')) ?? '';
    const { PolicyNames: [PolicyName = ''] = [] } = await this.#iam.send(new ListRolePoliciesCommand({ RoleName }));
    const { PolicyDocument = '' } = await this.#iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
    this.#role = { RoleName, PolicyName };
    this.#policy = JSON.parse(decodeURIComponent(PolicyDocument)) as Policy;
  }

  /** The one line of the function's log that says which step failed and why. */
  async #failureOf(version: string): Promise<Ending> {
    const fn = await new LambdaClient(this.#options()).send(
      new GetFunctionConfigurationCommand({ FunctionName: this.#functionArn }),
    );
    const { events = [] } = await new CloudWatchLogsClient(this.#options()).send(
      new FilterLogEventsCommand({ logGroupName: fn.LoggingConfig?.LogGroup ?? '' }),
    );
    const lines = events.map(({ message = '' }) => message).filter((line) => line.includes(version));
    const failed = lines.find((line) => line.includes('"rotation_event":"step-failed"'));
    if (failed === undefined) {
      throw new Error(`The log of the function names no failed step of ${version}: ${lines.join('\n')}`);
    }
    const { error_code: code, error_message: message } = JSON.parse(failed.slice(failed.indexOf('{'))) as {
      error_code: string;
      error_message: string;
    };
    return { code, message };
  }
}

function newPassword(): string {
  return `Aa1!${randomBytes(12).toString('hex')}`;
}
