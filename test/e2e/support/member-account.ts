import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormation, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { Lambda } from '@aws-sdk/client-lambda';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { type AwsOptions, LOCAL_REGION } from '../../../local/cloud/access.ts';
import { CloudSecret } from '../../../local/cloud/cloud-secret.ts';
import { PROJECT } from '../../../local/project.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { LOG_FIELD } from '../../../telemetry/log-line.ts';
import { expectRotated } from '../../support/deployed-rotation.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../../support/function-log.ts';
import { awsOptions, documentOf, newClusterUser } from '../../support/servers.ts';

/** The secret of each account. */
export const SECRET = 'milvus/orders';

/** The function of the StackSet. */
const FunctionName = 'zilliz-rotation';

/** An account beside the central one, with a secret. */
export class MemberAccount {
  readonly account: string;
  readonly options: AwsOptions;
  readonly secrets: SecretsManager;
  readonly #at: { readonly account: string; readonly region: string };

  constructor(awsUrl: string, account: string) {
    this.account = account;
    this.#at = { account, region: LOCAL_REGION };
    this.options = awsOptions(awsUrl, this.#at);
    this.secrets = new SecretsManager(this.options);
  }

  /** @returns the cluster user of the new secret */
  async createSecret(Name = SECRET): Promise<Credentials> {
    const user = await newClusterUser('plaintext');
    await this.secrets.createSecret({ Name, SecretString: documentOf(user) });
    return user;
  }

  async secret(SecretId = SECRET): Promise<CloudSecret> {
    const { ARN = '' } = await this.secrets.describeSecret({ SecretId });
    return new CloudSecret({ awsUrl: this.options.endpoint }, ARN, this.#at);
  }

  /** Rotates the secret of this user. */
  async rotateAgain(user: Omit<Credentials, 'password'>): Promise<void> {
    const secret = await this.secret();
    const former = await secret.password();
    await secret.rotate();
    await expectRotated(secret, { ...user, password: former });
  }

  /** Pins the secret and rotates it once, as the page does. */
  async rotateAsOwner({ endpoint, username }: Omit<Credentials, 'password'>, SecretName = SECRET): Promise<void> {
    const parameters = { SecretName, Endpoint: endpoint.url, Username: username };
    await createStack(this.options, SecretName.replace('/', '-'), 'rotated-secret.yaml', parameters);
    const secret = await this.secret(SecretName);
    await secret.until();
    await secret.rotate();
    await secret.until();
  }

  /** Removes the permission of Secrets Manager to invoke the function. */
  async forbidInvocation(): Promise<void> {
    const lambda = new Lambda(this.options);
    const { Policy = '' } = await lambda.getPolicy({ FunctionName });
    const { Statement } = JSON.parse(Policy) as { Statement: { Sid: string; Principal: object }[] };
    const permission = Statement.find(({ Principal }) => JSON.stringify(Principal).includes('secretsmanager'));
    await lambda.removePermission({ FunctionName, StatementId: permission?.Sid });
  }

  /** What Lambda says about the function. */
  async codeOfFunction(): Promise<object> {
    const found = await new Lambda(this.options).getFunctionConfiguration({ FunctionName });
    const allowedEndpoints = found.Environment?.Variables?.['ALLOWED_ENDPOINTS'];
    return { sha256: found.CodeSha256, description: found.Description, allowedEndpoints };
  }

  /** The codes with which steps for the secret failed. */
  async failuresOf(secret: string): Promise<unknown[]> {
    const lines = await logLinesIn(await logGroupOf(FunctionName, this.options), this.options);
    const entries = entriesWith(lines, `secret:${secret}-`, LOG_FIELD.errorCode);
    return [...new Set(entries.map((entry) => entry[LOG_FIELD.errorCode]))];
  }
}

/** Creates a stack of a template in examples/organisation. @throws Error with the reason of AWS */
export async function createStack(
  options: AwsOptions,
  StackName: string,
  template: string,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const client = new CloudFormation(options);
  await client.createStack({
    StackName,
    TemplateBody: readFileSync(join(PROJECT, 'examples', 'organisation', template), 'utf8'),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  });
  try {
    await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 0.2, maxDelay: 1 }, { StackName });
  } catch (cause) {
    const { StackEvents = [] } = await client.describeStackEvents({ StackName });
    throw new Error(StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason).join(), { cause });
  }
}
