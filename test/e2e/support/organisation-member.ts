import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormation, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { Lambda } from '@aws-sdk/client-lambda';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { emulatorRequest, untilRotation } from '../../../local/cloud/emulator-control.ts';
import { PROJECT } from '../../../local/project.ts';
import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import { LOG_FIELD } from '../../../telemetry/log-line.ts';
import { DIMENSION, METRIC_NAMESPACE } from '../../../telemetry/metrics.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../../support/function-log.ts';
import { MemberAccount, SECRET } from './member-account.ts';

const FunctionName = 'zilliz-rotation';

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

/** An account of the organisation, in which the StackSet has deployed the function. */
export class OrganisationMember extends MemberAccount {
  /** Pins the secret and rotates it once, as the page does. */
  async rotateAsOwner({ endpoint, username }: Omit<Credentials, 'password'>, SecretName = SECRET): Promise<void> {
    const parameters = { SecretName, Endpoint: endpoint.url, Username: username };
    await createStack(this.options, SecretName.replace('/', '-'), 'rotated-secret.yaml', parameters);
    await this.rotationSettles(SecretName);
    await this.secrets.rotateSecret({ SecretId: SecretName });
    await this.rotationSettles(SecretName);
  }

  /** Stores the same value during a rotation. */
  async abandonRotation(): Promise<void> {
    const emulator = { awsUrl: this.options.endpoint };
    const secret = await this.secretArn();
    const { SecretString } = await this.secrets.getSecretValue({ SecretId: secret });
    await emulatorRequest(emulator, 'PUT', 'hold', { secret, step: 'setSecret' });
    await this.secrets.rotateSecret({ SecretId: secret });
    await untilRotation(emulator, secret, 'held');
    await this.secrets.putSecretValue({ SecretId: secret, SecretString });
    await this.rotationSettles();
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
    const entries = await this.#logEntries(`secret:${secret}-`, LOG_FIELD.errorCode);
    return [...new Set(entries.map((entry) => entry[LOG_FIELD.errorCode]))];
  }

  /** The values of the dimension `service` with which the function has published a metric. */
  async servicesWith(metric: string): Promise<unknown[]> {
    const entries = await this.#logEntries('"_aws"', `"${metric}"`);
    const published = entries.filter((entry) => {
      const { CloudWatchMetrics } = entry['_aws'] as {
        CloudWatchMetrics: { Namespace: string; Dimensions: string[][] }[];
      };
      return CloudWatchMetrics.some(
        ({ Namespace, Dimensions }) =>
          Namespace === METRIC_NAMESPACE && Dimensions.some((names) => names.join() === DIMENSION.service),
      );
    });
    return [...new Set(published.map((entry) => entry[DIMENSION.service]))];
  }

  async #logEntries(...texts: readonly string[]): Promise<Record<string, unknown>[]> {
    return entriesWith(await logLinesIn(await logGroupOf(FunctionName, this.options), this.options), ...texts);
  }
}
