import { Lazy, Stack, Token } from 'aws-cdk-lib';
import { EventField, type EventPattern, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { lengthOf } from '../function/role-policies.ts';
import type { RotationFunction } from '../function/rotation-function.ts';

/**
 * EventBridge's limit for an event pattern. Where the names of the secrets exceed it, the events of all secrets of the account are told.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const PATTERN_LIMIT = 2048;

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
  scope.node.addValidation({ validate: () => withoutSecrets(rotationFunction) });
  const secret = EventField.fromPath('$.detail.additionalEventData.SecretId');
  const event = EventField.fromPath('$.detail.eventName');
  new Rule(scope, 'RotationEvents', {
    description: 'Rotations that failed or were abandoned, and schedules whose test failed',
    eventPattern: patternFor(Token.asList(Lazy.any({ produce: () => secretFilter(scope, rotationFunction) }))),
    targets: [
      // Lets every rule of EventBridge publish: AWS takes no condition in the policy of a topic for it.
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
      new SnsTopic(topic, {
        message: RuleTargetInput.fromText(`${event}: ${secret}. What to do: ${runbook}`),
      }),
    ],
  });
}

function patternFor(SecretId: unknown): EventPattern {
  return {
    source: ['aws.secretsmanager'],
    detailType: ['AWS Service Event via CloudTrail'],
    detail: {
      eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'],
      additionalEventData: { SecretId },
    },
  };
}

function secretFilter(scope: Construct, { secretArnPrefixes }: RotationFunction): { prefix: string }[] {
  const filter = secretArnPrefixes.map((prefix) => ({ prefix }));
  const { detailType, ...pattern } = patternFor(filter);
  const length = lengthOf(Stack.of(scope).resolve({ ...pattern, 'detail-type': detailType }));
  return length > PATTERN_LIMIT ? [{ prefix: 'arn:' }] : filter;
}

/** EventBridge refuses a rule whose list is empty, and alarms for nothing are a mistake. */
function withoutSecrets({ node, secretArnPrefixes }: RotationFunction): string[] {
  return secretArnPrefixes.length > 0
    ? []
    : [
        `The alarms are for ${node.path}, which rotates no secret yet. Hand it one in the same app, with CredentialRotation or allowRotationOf, or give it a secretNamePrefix.`,
      ];
}
