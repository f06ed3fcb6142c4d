import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { policyOf } from '../../emulator/support/identities.ts';
import type { ClientConfig } from '../../emulator/support/local-aws.ts';

export interface Subscriber {
  /** The messages that came since the last look. */
  messages(): Promise<readonly string[]>;
}

/** Subscribes a queue of its own to the topic. */
export async function subscribe(config: ClientConfig, TopicArn: string): Promise<Subscriber> {
  const sqs = new SQSClient(config);
  const Policy = policyOf([{ Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' }]);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'subscriber', Attributes: { Policy } }));
  const Endpoint = `arn:aws:sqs:${config.region}:${LOCAL_ACCOUNT}:subscriber`;
  await new SNSClient(config).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  return {
    async messages() {
      const found: string[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return found;
        found.push(...Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { Message: string }).Message));
      }
    },
  };
}
