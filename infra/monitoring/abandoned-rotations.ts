import { Aws, Lazy, Stack, Token } from 'aws-cdk-lib';
import { EventField, type EventPattern, type IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { deployedJson, longest } from '../function/deployed-json.ts';
import type { RotationFunction } from '../function/rotation-function.ts';

/**
 * EventBridge's limit for an event pattern, in characters. If the names of the secrets exceed it,
 * the rule matches the events of all secrets of the account.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
const MAX_PATTERN = 2048;

/**
 * Tells a topic when somebody stored a value during a rotation, which ends the rotation. No metric
 * shows this. Secrets Manager's other events are about failures that an alarm reports.
 *
 * Secrets Manager sends its events through CloudTrail, so the account needs a trail for management
 * events.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieve-ct-entries.html
 */
export function notifyOfAbandonedRotations(
  scope: Construct,
  topic: ITopic,
  rotationFunction: RotationFunction,
  runbook: string,
): void {
  scope.node.addValidation({ validate: () => missingSecrets(rotationFunction) });
  const secret = EventField.fromPath('$.detail.additionalEventData.SecretId');
  const message = RuleTargetInput.fromText(`RotationAbandoned: ${secret}. What to do: ${runbook}`);
  new Rule(scope, 'RotationEvents', {
    description: 'Rotations that ended because somebody stored a value meanwhile',
    eventPattern: patternFor(Token.asList(Lazy.any({ produce: () => secretFilter(scope, rotationFunction) }))),
    targets: [
      topic.env.account === Stack.of(scope).account
        ? // The policy of the topic allows all rules of EventBridge, because AWS has no condition
          // for them.
          // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
          new SnsTopic(topic, { message })
        : topicOfAnyAccount(scope, topic, message, rotationFunction),
    ],
  });
}

/**
 * EventBridge reaches a topic of another account only with a role of the account of the rule.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
 */
function topicOfAnyAccount(
  scope: Construct,
  { topicArn: arn }: ITopic,
  input: RuleTargetInput,
  { permissionsBoundary }: RotationFunction,
): IRuleTarget {
  const role = new Role(scope, 'EventsRole', {
    assumedBy: new ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
    // The policy of a central topic can name the path (examples/organisation/central.yaml).
    path: '/zilliz-rotation/',
    description: 'Sends events of rotations to the topic',
    ...(permissionsBoundary && { permissionsBoundary }),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [arn] }));
  // Older versions of SnsTopic ignore a role.
  return { bind: () => ({ arn, input, role }) };
}

/** ASSUMPTION sm-events */
function patternFor(SecretId: unknown): EventPattern {
  return {
    source: ['aws.secretsmanager'],
    detailType: ['AWS Service Event via CloudTrail'],
    detail: {
      eventName: ['RotationAbandoned'],
      additionalEventData: { SecretId },
    },
  };
}

function secretFilter(scope: Construct, { secretArnPrefixes }: RotationFunction): { prefix: string }[] {
  const filter = secretArnPrefixes.map((prefix) => ({ prefix }));
  const { detailType, ...pattern } = patternFor(filter);
  const deployed = deployedJson(Stack.of(scope).resolve({ ...pattern, 'detail-type': detailType }), longest);
  return deployed.length > MAX_PATTERN ? [{ prefix: 'arn:' }] : filter;
}

/** EventBridge rejects a pattern with an empty list. */
function missingSecrets({ node, secretArnPrefixes }: RotationFunction): string[] {
  return secretArnPrefixes.length > 0
    ? []
    : [
        `The alarms need at least one secret, but ${node.path} rotates none. Add a CredentialRotation to this app, call allowRotationOf, or give secretNamePrefix to the function.`,
      ];
}
