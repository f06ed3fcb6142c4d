import { Match, type Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { CredentialRotation, RotationFunction } from '../../../infra/index.ts';
import { ENDPOINT, propertiesOf, statementsIn, templateOf } from '../support/templates.ts';

const ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:milvus/orders-Ab12Cd';

const SECRETS = {
  'a new secret': [
    (scope: Construct) => new CredentialRotation(scope, 'Orders', { endpoint: ENDPOINT, username: 'orders' }),
    { secretArn: [{ Ref: Match.stringLikeRegexp('OrdersSecret') }] },
  ],
  'a secret whose ARN is known': [
    (scope: Construct) =>
      new CredentialRotation(scope, 'Orders', { secret: Secret.fromSecretCompleteArn(scope, 'Secret', ARN) }),
    { secretArn: [ARN] },
  ],
  'a secret whose name is known': [
    (scope: Construct) =>
      new CredentialRotation(scope, 'Orders', { secret: Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders') }),
    { secretName: ['milvus/orders'] },
  ],
} as const;

describe('onRotated', () => {
  test.each(Object.entries(SECRETS))('makes a rule for the event of %s only, with the target', (_, [build, detail]) => {
    const template = templateOf((scope) => {
      build(scope).onRotated('Restart', {
        target: new SqsQueue(new Queue(scope, 'Queue')),
        description: 'Restarts the shop',
      });
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      Description: 'Restarts the shop',
      EventPattern: { source: ['zilliz.rotation'], 'detail-type': ['Credential Rotated'], detail },
      Targets: [{ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Queue'), 'Arn'] } }],
    });
  });

  test('lets the function send this event to the default bus, and nothing else, once for all rules', () => {
    const template = templateOf((scope) => {
      const rotation = SECRETS['a new secret'][0](scope);
      rotation.onRotated('First');
      rotation.onRotated('Second');
    });
    const ofEvents = statementsIn(template).filter(({ Action }) => String(Action).startsWith('events:'));
    expect(ofEvents).toEqual([
      {
        Action: 'events:PutEvents',
        Effect: 'Allow',
        Resource: { 'Fn::Join': ['', expect.arrayContaining([':event-bus/default'])] },
        Condition: {
          StringEquals: { 'events:source': 'zilliz.rotation', 'events:detail-type': 'Credential Rotated' },
        },
      },
    ]);
    expect(variablesOf(template)).toMatchObject([{ ROTATED_EVENTS: 'true' }]);
  });

  test('a function without a rule has neither the variable nor the permission, unless rotatedEvents asks for it', () => {
    const without = templateOf((scope) => SECRETS['a new secret'][0](scope));
    expect(JSON.stringify(without.toJSON())).not.toMatch(/ROTATED_EVENTS|events:PutEvents/);
    const asked = templateOf((scope) => new RotationFunction(scope, 'Function', { rotatedEvents: true }));
    expect(variablesOf(asked)).toMatchObject([{ ROTATED_EVENTS: 'true' }]);
    expect(JSON.stringify(asked.toJSON())).toContain('events:PutEvents');
  });
});

function variablesOf(template: Template): unknown[] {
  return propertiesOf(template, 'AWS::Lambda::Function').map(
    ({ Environment }) => (Environment as { Variables: unknown }).Variables,
  );
}
