import { CloudWatchClient, type DescribeAlarmsOutput, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type ListSubscriptionsByTopicResponse,
  paginateListSubscriptionsByTopic,
  SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsError, answerOf } from './aws-error.ts';
import { alarmsAround } from './function-alarms.ts';
import type { Inspection, PolicyStatement } from './inspection.ts';
import { memoize } from './memoize.ts';
import { readPages } from './read-pages.ts';
import type { SdkConfig } from './sdk-config.ts';

/** @param interrupted ends a long list */
export function createSdkInspection(config: SdkConfig, interrupted: AbortSignal): Inspection {
  const sts = new STSClient(config);
  const lambda = new LambdaClient(config);
  const iam = new IAMClient(config);
  const kms = new KMSClient(config);
  const cloudWatch = new CloudWatchClient(config);
  const sns = new SNSClient(config);
  return {
    callerIdentity: async () => {
      const { Arn = '', Account = '' } = await answerOf(
        'GetCallerIdentity',
        sts.send(new GetCallerIdentityCommand({})),
      );
      return { arn: Arn, account: Account, region: await sts.config.region() };
    },

    // Many secrets share one function.
    functionPolicy: memoize(async (functionArn) => {
      const answer = await unlessMissing('GetPolicy', lambda.send(new GetPolicyCommand({ FunctionName: functionArn })));
      const { Statement = [] } = JSON.parse(answer?.Policy ?? '{}') as { Statement?: PolicyStatement[] };
      return Statement;
    }),

    simulate: async (caller, actions, resource, context = {}) => {
      const { EvaluationResults = [] } = await answerOf(
        'SimulatePrincipalPolicy',
        iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: caller,
            ActionNames: [...actions],
            ResourceArns: [resource],
            ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => {
              return { ContextKeyName, ContextKeyType: 'string', ContextKeyValues: [value] };
            }),
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
      const answer = await unlessMissing('DescribeKey', kms.send(new DescribeKeyCommand({ KeyId: keyId })));
      const { Arn = keyId, KeyState = 'Enabled' } = answer?.KeyMetadata ?? {};
      return answer === undefined ? undefined : { arn: Arn, state: KeyState };
    },

    alarmsOf: async (functionName) => {
      const pages = paginateDescribeAlarms({ client: cloudWatch }, {});
      const toAlarms = ({ MetricAlarms = [] }: DescribeAlarmsOutput) => MetricAlarms;
      const alarms = await readPages('DescribeAlarms', pages, toAlarms, { interrupted });
      return alarmsAround(functionName, alarms).map((alarm) => ({
        name: alarm.AlarmName ?? '',
        state: alarm.StateValue ?? '',
        actionsEnabled: alarm.ActionsEnabled !== false,
        actions: alarm.AlarmActions ?? [],
        reportsMissingData: (alarm.InsufficientDataActions ?? []).length > 0,
      }));
    },

    subscriptions: async (topicArn) => {
      const pages = paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn });
      const toSubscriptions = ({ Subscriptions = [] }: ListSubscriptionsByTopicResponse) => Subscriptions;
      const subscriptions = await readPages('ListSubscriptionsByTopic', pages, toSubscriptions, { interrupted });
      const isPending = ({ SubscriptionArn }: Subscription) => SubscriptionArn === 'PendingConfirmation';
      const pending = subscriptions.filter(isPending).length;
      return { confirmed: subscriptions.length - pending, pending };
    },
  };
}

async function unlessMissing<T>(action: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answerOf(action, answer);
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') {
      return undefined;
    }
    throw error;
  }
}
