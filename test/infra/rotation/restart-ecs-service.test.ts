import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { expect, test } from 'vitest';
import { RestartEcsService } from '../../../infra/index.ts';
import { MINIMUM_INTERVAL_MS } from '../../../lambda/restart/restart.ts';
import { CLUSTER_ARN, ecsServiceIn, SERVICE_ARN } from '../support/constructs.ts';
import { propertiesOf, statementsIn, templateOf } from '../support/templates.ts';

function restartWithTwoRules(): Template {
  return templateOf((scope) => {
    const target = new RestartEcsService(scope, 'Restart', { service: ecsServiceIn(scope) });
    for (const id of ['First', 'Second']) {
      new Rule(scope, id, { schedule: Schedule.expression('rate(1 day)'), targets: [target] });
    }
  });
}

test('all rules send to one message group, which a delivered message closes for the minute between two restarts', () => {
  const template = restartWithTwoRules();
  const queue = { 'Fn::GetAtt': [Match.stringLikeRegexp('^RestartQueue'), 'Arn'] };
  for (const { Targets } of propertiesOf(template, 'AWS::Events::Rule')) {
    expect(Targets).toMatchObject([{ SqsParameters: { MessageGroupId: 'restart' } }]);
  }
  template.hasResourceProperties('AWS::SQS::Queue', {
    FifoQueue: true,
    VisibilityTimeout: MINIMUM_INTERVAL_MS / 1000,
    RedrivePolicy: {
      maxReceiveCount: 10,
      deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RestartDeadLetters'), 'Arn'] },
    },
  });
  // Otherwise SQS refuses the events of EventBridge.
  template.allResourcesProperties('AWS::SQS::Queue', { ContentBasedDeduplication: true });
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    EventSourceArn: queue,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
});

test('only a failed deployment of this service comes into the dead letters', () => {
  restartWithTwoRules().hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.ecs'],
      'detail-type': ['ECS Deployment State Change'],
      resources: [SERVICE_ARN],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    },
    Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RestartDeadLetters'), 'Arn'] } })],
  });
});

test('the role may restart and describe this one service, read its queue, and write its log', () => {
  const template = restartWithTwoRules();
  const statements = statementsIn(template);
  expect(statements.find(({ Action }) => Action.includes('ecs:UpdateService'))).toEqual({
    Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
    Effect: 'Allow',
    Resource: SERVICE_ARN,
  });
  expect(statements.map(({ Resource }) => JSON.stringify(Resource)).filter((arn) => arn.includes('*'))).toEqual([]);
  const services = new Set(statements.flatMap(({ Action }) => Action).map((action) => action.split(':')[0]));
  expect([...services].toSorted()).toEqual(['ecs', 'logs', 'sqs']);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { CLUSTER_ARN, SERVICE_ARN } },
  });
});
