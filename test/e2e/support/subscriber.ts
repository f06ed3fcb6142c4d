import { randomUUID } from 'node:crypto';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { type AwsOptions, LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { policyOf } from './identities.ts';

/**
 * Subscribes a new queue to a topic.
 *
 * @returns a function that receives all messages since its last call.
 */
export async function subscribe(options: AwsOptions, TopicArn: string): Promise<() => Promise<readonly string[]>> {
  const sqs = new SQS(options);
  const QueueName = `subscriber-${randomUUID()}`;
  const Policy = policyOf([{ Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' }]);
  // Received messages are not deleted. A long timeout keeps them from being delivered again.
  const Attributes = { Policy, VisibilityTimeout: '43200' };
  const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes });
  const Endpoint = `arn:aws:sqs:${options.region}:${LOCAL_ACCOUNT}:${QueueName}`;
  await new SNS(options).subscribe({ TopicArn, Protocol: 'sqs', Endpoint });
  return async () => {
    const all: string[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 });
      if (Messages.length === 0) {
        return all;
      }
      all.push(...Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { Message: string }).Message));
    }
  };
}
