import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { productVersionOf } from '../../telemetry/product-version.ts';
import { toAwsError } from './aws-error.ts';
import type { InspectedAlarm, Inspection, PolicyStatement } from './inspection.ts';
import type { SdkConfig } from './sdk-config.ts';

/** {@link Inspection} on the AWS SDK. */
export function createSdkInspection(config: SdkConfig): Inspection {
  const sts = new STSClient(config);
  const lambda = new LambdaClient(config);
  const iam = new IAMClient(config);
  const kms = new KMSClient(config);
  const logs = new CloudWatchLogsClient(config);
  const cloudWatch = new CloudWatchClient(config);
  const sns = new SNSClient(config);
  return {
    callerIdentity: async () => {
      const { Arn = '', Account = '' } = await call('GetCallerIdentity', sts.send(new GetCallerIdentityCommand({})));
      return { arn: Arn, account: Account };
    },

    rotationFunction: onceForEach(async (functionArn) => {
      const answer = await unlessMissing(
        call(
          'GetFunctionConfiguration',
          lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionArn })),
        ),
      );
      return answer === undefined
        ? undefined
        : {
            state: answer.State ?? 'Active',
            stateReason: answer.StateReason,
            lastUpdate: answer.LastUpdateStatus ?? 'Successful',
            runtime: answer.Runtime,
            version: productVersionOf(answer.Description),
            roleArn: answer.Role ?? '',
            logGroup: answer.LoggingConfig?.LogGroup ?? `/aws/lambda/${answer.FunctionName ?? ''}`,
            lastModified: answer.LastModified ?? '',
            environment: answer.Environment?.Variables ?? {},
            subnetIds: answer.VpcConfig?.SubnetIds ?? [],
          };
    }),

    functionPolicy: onceForEach(async (functionArn) => {
      const answer = await unlessMissing(
        call('GetPolicy', lambda.send(new GetPolicyCommand({ FunctionName: functionArn }))),
      );
      const { Statement = [] } = JSON.parse(answer?.Policy ?? '{}') as { Statement?: PolicyStatement[] };
      return Statement;
    }),

    simulate: async (caller, actions, resource) => {
      const { EvaluationResults = [] } = await call(
        'SimulatePrincipalPolicy',
        iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: caller,
            ActionNames: [...actions],
            ResourceArns: [resource],
          }),
        ),
      );
      return new Map(
        EvaluationResults.map(({ EvalActionName = '', EvalDecision }) => [
          EvalActionName,
          EvalDecision === 'allowed' ? 'allowed' : 'denied',
        ]),
      );
    },

    key: async (keyId) => {
      const answer = await unlessMissing(call('DescribeKey', kms.send(new DescribeKeyCommand({ KeyId: keyId }))));
      const { Arn = keyId, KeyState = 'Enabled' } = answer?.KeyMetadata ?? {};
      return answer === undefined ? undefined : { arn: Arn, state: KeyState };
    },

    logGroup: async (name) => {
      const { logGroups = [] } = await call(
        'DescribeLogGroups',
        logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name })),
      );
      const group = logGroups.find(({ logGroupName }) => logGroupName === name);
      return group === undefined ? undefined : { retentionDays: group.retentionInDays };
    },

    alarmsOf: async (functionName) => {
      const alarms: InspectedAlarm[] = [];
      await call('DescribeAlarms', async () => {
        for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: cloudWatch }, {})) {
          for (const { AlarmName = '', StateValue = '', ActionsEnabled, AlarmActions = [], ...alarm } of MetricAlarms) {
            const dimensions = [
              ...(alarm.Dimensions ?? []),
              ...(alarm.Metrics ?? []).flatMap((query) => query.MetricStat?.Metric?.Dimensions ?? []),
            ];
            if (dimensions.some(({ Value }) => Value === functionName)) {
              alarms.push({
                name: AlarmName,
                state: StateValue,
                actionsEnabled: ActionsEnabled !== false,
                actions: AlarmActions,
              });
            }
          }
        }
      });
      return alarms;
    },

    subscriptions: async (topicArn) => {
      let confirmed = 0;
      let pending = 0;
      await call('ListSubscriptionsByTopic', async () => {
        for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
          { client: sns },
          { TopicArn: topicArn },
        )) {
          for (const { SubscriptionArn } of Subscriptions) {
            if (SubscriptionArn === 'PendingConfirmation') {
              pending += 1;
            } else {
              confirmed += 1;
            }
          }
        }
      });
      return { confirmed, pending };
    },
  };
}

/** Reads each function once, because many secrets share one function. */
function onceForEach<T>(read: (functionArn: string) => Promise<T>): (functionArn: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (functionArn) => {
    const answer = answers.get(functionArn) ?? read(functionArn);
    answers.set(functionArn, answer);
    return answer;
  };
}

async function call<T>(action: string, answer: Promise<T> | (() => Promise<T>)): Promise<T> {
  try {
    return await (typeof answer === 'function' ? answer() : answer);
  } catch (error) {
    throw toAwsError(action, error);
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { kind } = error as { kind?: unknown };
    if (kind === 'not-found') {
      return undefined;
    }
    throw error;
  }
}
