import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { CredentialRotation, RotationFunction } from '../../../infra/index.ts';
import { ENDPOINT, propertiesOf, stackOf, templateOf, vpcIn } from '../support/templates.ts';

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
    const statements = propertiesOf(template, 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => (PolicyDocument as { Statement: Array<{ Action: string }> }).Statement,
    );
    const bus = { 'Fn::Join': ['', Match.arrayWith([':event-bus/default'])] };
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('events:'))).toHaveLength(1);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: 'events:PutEvents',
            Effect: 'Allow',
            Resource: bus,
            Condition: {
              StringEquals: { 'events:source': 'zilliz.rotation', 'events:detail-type': 'Credential Rotated' },
            },
          },
        ]),
      },
    });
    expect(variablesOf(template)).toMatchObject([{ ROTATED_EVENTS: 'true' }]);
  });

  test('a function without a rule has neither the variable nor the permission, unless rotatedEvents asks for it', () => {
    const without = templateOf((scope) => SECRETS['a new secret'][0](scope));
    expect(JSON.stringify(without.toJSON())).not.toMatch(/ROTATED_EVENTS|events:PutEvents/);
    const asked = templateOf((scope) => new RotationFunction(scope, 'Function', { rotatedEvents: true }));
    expect(variablesOf(asked)).toMatchObject([{ ROTATED_EVENTS: 'true' }]);
    expect(JSON.stringify(asked.toJSON())).toContain('events:PutEvents');
  });

  test('warns if the function is imported, unless its app says that it sends events', () => {
    for (const rotatedEvents of [undefined, false, true]) {
      const stack = stackOf((scope) => {
        const functionArn = 'arn:aws:lambda:us-west-2:123456789012:function:rotation';
        const attributes = {
          functionArn,
          secretNamePrefix: 'milvus/',
          ...(rotatedEvents !== undefined && { rotatedEvents }),
        };
        const rotationFunction = RotationFunction.fromRotationFunctionAttributes(scope, 'Function', attributes);
        const secret = Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders');
        new CredentialRotation(scope, 'Orders', { rotationFunction, secret }).onRotated('Restart');
      });
      const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('rotatedEvents: true'));
      expect(found).toHaveLength(rotatedEvents === true ? 0 : 1);
    }
  });

  test.each([true, false])('warns of a VPC without a route to EventBridge, if events are sent: %s', (rotatedEvents) => {
    const stack = stackOf((scope) => {
      const vpc = vpcIn(scope);
      new RotationFunction(scope, 'Function', { vpc, rotatedEvents });
    });
    Template.fromStack(stack);
    const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('com.amazonaws.REGION.events'));
    expect(found).toHaveLength(rotatedEvents ? 1 : 0);
  });
});

function variablesOf(template: Template): unknown[] {
  return propertiesOf(template, 'AWS::Lambda::Function').map(
    ({ Environment }) => (Environment as { Variables: unknown }).Variables,
  );
}
