import { KMS } from '@aws-sdk/client-kms';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { type KeyCloud, startKeyCloud } from '../../../local/api-keys/key-cloud.ts';
import { type AwsOptions, LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { CloudSecret } from '../../../local/cloud/cloud-secret.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { newDocument } from '../../../protocol/secret/document.ts';
import { logGroupOf, logLinesIn } from '../../support/function-log.ts';
import { awsOptions, newClusterUser, servers } from '../../support/servers.ts';
import { type DeployedPolicy, deployedPolicies, nameOf, type Statement } from './deployed-policies.ts';
import { type EnforcedAws, startEnforcedAws } from './enforced-aws.ts';
import { probeZip } from './function-zip.ts';
import { assumeRole, createUser, policyOf } from './identities.ts';
import type { Call } from './probe-function.ts';

const STACK = 'LeastPrivilege';

/** The secret of the stack with a password. */
export const SECRET = 'milvus/orders';

/** The secret of the stack with an API key. */
export const KEY_SECRET = 'milvus/key';

/**
 * An AWS that enforces all policies, with a stack with keys, an admin and a manager, and alarms.
 */
export class LeastPrivilegeWorld {
  readonly #aws: EnforcedAws;
  readonly #keys: KeyCloud;
  /** The user in the secret. */
  readonly user: Credentials;
  readonly config: AwsOptions;
  readonly secretsManager: SecretsManager;
  readonly lambda: Lambda;
  policies: readonly DeployedPolicy[] = [];
  secretKeyArn = '';
  functionArn = '';
  pipelineArn = '';
  overdueCheckArn = '';
  topicArn = '';

  private constructor(aws: EnforcedAws, keys: KeyCloud, user: Credentials) {
    this.#aws = aws;
    this.#keys = keys;
    this.user = user;
    this.config = awsOptions(aws.access.awsUrl);
    this.secretsManager = new SecretsManager({ ...this.config, maxAttempts: 1 });
    this.lambda = new Lambda(this.config);
  }

  static async start(): Promise<LeastPrivilegeWorld> {
    const keys = await startKeyCloud(servers().access.milvus.plaintext);
    const world = new LeastPrivilegeWorld(await startEnforcedAws(), keys, await newClusterUser('plaintext'));
    await world.#deploy();
    return world;
  }

  async stop(): Promise<void> {
    await this.#aws.stop();
    await this.#keys.close();
  }

  async #deploy(): Promise<void> {
    const { endpoint, rootPassword } = servers().access.milvus.plaintext;
    this.secretKeyArn = await this.createKey();
    const [adminKeyArn, managerKeyArn] = await Promise.all([this.createKey(), this.createKey()]);
    const admin = JSON.stringify({ endpoint, username: 'root', password: rootPassword });
    const { controlPlaneUrl, managerKey, endpoint: keyEndpoint } = this.#keys;
    const { id: apiKeyId, key } = this.#keys.createKey();
    await this.createSecret(SECRET, this.value(this.user.password));
    const document = newDocument({ endpoint: keyEndpoint, form: 'api-key', username: apiKeyId, password: key });
    await this.createSecret(KEY_SECRET, document);
    const context = {
      adminSecretArn: await this.createSecret('admin', admin, adminKeyArn),
      managerSecretArn: await this.createSecret('manager', managerKey, managerKeyArn),
      ...{ adminKeyArn, managerKeyArn, secretKeyArn: this.secretKeyArn },
      ...{ endpoint, username: this.user.username, keyEndpoint, apiKeyId, controlPlaneUrl },
    };
    const outputs = await this.#aws.deploy('least-privilege-app.ts', context);
    const { FunctionArn = '', PipelineArn = '', OverdueCheckArn = '', TopicArn = '' } = outputs[STACK] ?? {};
    [this.functionArn, this.pipelineArn] = [FunctionArn, PipelineArn];
    [this.overdueCheckArn, this.topicArn] = [OverdueCheckArn, TopicArn];
    this.policies = await deployedPolicies(this.config, STACK);
    await Promise.all([SECRET, KEY_SECRET].map((secret) => this.secret(secret).until()));
  }

  /** @param KmsKeyId Default: the key of the secret of the stack. @returns the ARN */
  async createSecret(Name: string, SecretString: string, KmsKeyId: string = this.secretKeyArn): Promise<string> {
    const { ARN = '' } = await this.secretsManager.createSecret({ Name, SecretString, KmsKeyId });
    return ARN;
  }

  /** The value of the secret with this password. */
  value(password: string): string {
    const { endpoint, username } = this.user;
    return JSON.stringify({ endpoint: endpoint.url, username, password });
  }

  /** Calls `work` while an action of the statement, or the statement, is changed or removed. */
  async withChanged<T>(
    name: string,
    change: (statement: Statement) => Statement | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const isNamed = ({ owner }: DeployedPolicy, statement: Statement) => nameOf(owner, statement) === name;
    const policy = this.policies.find((each) => each.statements.some((statement) => isNamed(each, statement)));
    if (policy === undefined) {
      throw new Error(`No deployed statement is "${name}".`);
    }
    const { statements, replace } = policy;
    await replace(statements.flatMap((each) => (isNamed(policy, each) ? (change(each) ?? []) : each)));
    try {
      return await work();
    } finally {
      await replace(statements);
    }
  }

  secret(name = SECRET): CloudSecret {
    return new CloudSecret(this.#aws.access, name);
  }

  async logOf(functionArn: string): Promise<readonly string[]> {
    return logLinesIn(await logGroupOf(functionArn, this.config), this.config);
  }

  async roleOfFunction(): Promise<string> {
    const { Role = '' } = await this.lambda.getFunctionConfiguration({ FunctionName: this.functionArn });
    return Role;
  }

  /** Secrets Manager with the role to which `grantRotate` gives its permissions. */
  async asPipeline(): Promise<SecretsManager> {
    const user = await createUser(this.config, [{ Action: 'sts:AssumeRole' }]);
    return new SecretsManager({ ...(await assumeRole(user, this.pipelineArn)), maxAttempts: 1 });
  }

  /** Gives the role of the function access in the policy of a secret. */
  async allowRole(SecretId: string, Action: string | string[] = 'secretsmanager:*'): Promise<void> {
    const ResourcePolicy = policyOf([{ Principal: { AWS: await this.roleOfFunction() }, Action }]);
    await this.secretsManager.putResourcePolicy({ SecretId, ResourcePolicy });
  }

  /** Makes requests with the role of the function. @returns `allowed`, or the error of each */
  async callAsFunction(calls: readonly Call[]): Promise<string[]> {
    const FunctionName = this.functionArn;
    const { Code } = await this.lambda.getFunction({ FunctionName });
    const original = Buffer.from(await (await fetch(Code?.Location ?? '')).arrayBuffer());
    await this.lambda.updateFunctionCode({ FunctionName, ZipFile: await probeZip() });
    try {
      const answer = await this.lambda.invoke({ FunctionName, Payload: Buffer.from(JSON.stringify(calls)) });
      const text = Buffer.from(answer.Payload ?? []).toString();
      if (answer.FunctionError !== undefined) {
        throw new Error(`The function ${FunctionName} failed. Is its code the probe? ${text}`);
      }
      return JSON.parse(text) as string[];
    } finally {
      await this.lambda.updateFunctionCode({ FunctionName, ZipFile: original });
    }
  }

  /** Creates a key with the default policy of KMS, which leaves every decision to IAM. */
  async createKey(): Promise<string> {
    const Principal = { AWS: `arn:aws:iam::${LOCAL_ACCOUNT}:root` };
    const Policy = policyOf([{ Principal, Action: 'kms:*' }]);
    const { KeyMetadata } = await new KMS(this.config).createKey({ Policy });
    return KeyMetadata?.Arn ?? '';
  }
}
