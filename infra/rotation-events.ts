import { Lazy, Token } from 'aws-cdk-lib';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { RotationFunction } from './rotation-function.ts';

/** An event pattern holds 2,048 characters. With more secrets than these, the events of all secrets of the account are told. */
const MOST_PREFIXES = 10;

/**
 * Secrets Manager's own word on a rotation that went wrong, to a topic. It knows two things that no metric of the function does: a
 * rotation that a human's edit abandoned, and a schedule whose test failed.
 *
 * These events pass through CloudTrail, and come only where a trail records management events of the account.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieve-ct-entries.html
 */
export function notifyOfRotationEvents(
  scope: Construct,
  { topic, rotationFunction, runbook }: { topic: ITopic; rotationFunction: RotationFunction; runbook: string },
): void {
  const secret = EventField.fromPath('$.detail.additionalEventData.SecretId');
  const event = EventField.fromPath('$.detail.eventName');
  new Rule(scope, 'RotationEvents', {
    description: 'Rotations that failed or were abandoned, and schedules whose test failed',
    eventPattern: {
      source: ['aws.secretsmanager'],
      detailType: ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'],
        additionalEventData: { SecretId: Token.asList(Lazy.any({ produce: () => secretFilter(rotationFunction) })) },
      },
    },
    targets: [
      new SnsTopic(topic, {
        message: RuleTargetInput.fromText(`${event}: ${secret}. What to do: ${runbook}`),
      }),
    ],
  });
}

function secretFilter({ secretArnPrefixes }: RotationFunction): { prefix: string }[] {
  const prefixes = secretArnPrefixes.length > MOST_PREFIXES ? ['arn:'] : secretArnPrefixes;
  return prefixes.map((prefix) => ({ prefix }));
}
