import { randomUUID } from 'node:crypto';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { LOCAL_ACCOUNT } from '../../../local/cloud/access.ts';
import { policyOf } from '../../emulator/support/identities.ts';

/** A subscriber of the alarm topic. */
export interface Subscriber {
  /** Receives all messages since the last call. */
  messages(): Promise<readonly string[]>;
  /** Waits up to 30 s for a message that matches. A message may match several calls. */
  waitFor(matches: (message: string) => boolean): Promise<string>;
}

/** Subscribes a new queue to the topic. */
export async function subscribe(options: AwsOptions, TopicArn: string): Promise<Subscriber> {
  const sqs = new SQS(options);
  const QueueName = `subscriber-${randomUUID()}`;
  const Policy = policyOf([{ Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' }]);
  // Received messages are not deleted. A long timeout keeps them from being delivered again.
  const Attributes = { Policy, VisibilityTimeout: '43200' };
  const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes });
  const Endpoint = `arn:aws:sqs:${options.region}:${LOCAL_ACCOUNT}:${QueueName}`;
  await new SNS(options).subscribe({ TopicArn, Protocol: 'sqs', Endpoint });

  const receive = async (WaitTimeSeconds: number): Promise<string[]> => {
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds });
    return Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { Message: string }).Message);
  };
  const received: string[] = [];
  return {
    async messages() {
      const all: string[] = [];
      for (let batch = await receive(0); batch.length > 0; batch = await receive(0)) {
        all.push(...batch);
      }
      return all;
    },
    async waitFor(matches) {
      for (let seconds = 0; seconds < 30; seconds++) {
        const message = received.find(matches);
        if (message !== undefined) {
          return message;
        }
        received.push(...(await receive(1)));
      }
      throw new Error(`No message matched within 30 s. Received: ${JSON.stringify(received)}`);
    },
  };
}
