import { Duration } from 'aws-cdk-lib';
import type { IBaseService } from 'aws-cdk-lib/aws-ecs';
import { type IRule, type IRuleTarget, Rule, type RuleTargetConfig } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { functionCode } from '../function/function-code.ts';

export interface RestartEcsServiceProps {
  /**
   * The service. ECS must deploy it itself (rolling update), not CodeDeploy. Import it by its ARN
   * with the name of the cluster. For a name, the CDK makes an ARN without the cluster, and IAM
   * refuses the restart, unless the feature flag `@aws-cdk/aws-ecs:arnFormatIncludesClusterName` is
   * on.
   */
  readonly service: IBaseService;
}

/** While ECS fails or a minute passes, SQS delivers a message again once a minute. */
const DELIVERIES = 10;

/**
 * A target of rules that forces a new deployment of an ECS service, at most once a minute. Give one
 * target to the rules of all secrets of the service: rotations of the same moment then cause one
 * restart. A rotation within a minute after a restart causes another restart when the minute has
 * passed, unless a deployment has begun meanwhile.
 *
 * Events whose restart ECS refuses for ten minutes end in `deadLetterQueue`, and so does each
 * failed deployment of the service, if the circuit breaker of the service is on.
 *
 * @example
 * const restart = new RestartEcsService(this, 'RestartOrders', { service });
 * orders.onRotated('Restart', { target: restart });
 * search.onRotated('Restart', { target: restart });
 * const failed = restart.deadLetterQueue.metricApproximateNumberOfMessagesVisible();
 * failed.createAlarm(this, 'RestartFailed', { threshold: 1, evaluationPeriods: 1 });
 */
export class RestartEcsService extends Construct implements IRuleTarget {
  readonly function: IFunction;
  /** Events that wait for a restart. */
  readonly queue: IQueue;
  /** Failed restarts and deployments. Give its metric an alarm. SQS keeps them for 14 days. */
  readonly deadLetterQueue: IQueue;
  readonly #target: SqsQueue;

  constructor(scope: Construct, id: string, { service }: RestartEcsServiceProps) {
    super(scope, id);
    this.deadLetterQueue = new Queue(this, 'DeadLetters', {
      fifo: true,
      contentBasedDeduplication: true,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new Rule(this, 'FailedDeployments', {
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Deployment State Change'],
        resources: [service.serviceArn],
        detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      targets: [new SqsQueue(this.deadLetterQueue, { messageGroupId: 'restart' })],
    });
    const queue = new Queue(this, 'Queue', {
      fifo: true,
      contentBasedDeduplication: true,
      enforceSSL: true,
      // A message that returns to the queue keeps the group closed for this time.
      visibilityTimeout: Duration.minutes(1),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: DELIVERIES },
    });
    this.queue = queue;
    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Restarts an ECS service after a rotation',
    });
    logGroup.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
        resources: [service.serviceArn],
      }),
    );
    this.function = new LambdaFunction(this, 'Function', {
      ...functionCode(this, 'restart', 'Restarts an ECS service after a rotation'),
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(10),
      memorySize: 256,
      role,
      logGroup,
      environment: { CLUSTER_ARN: service.cluster.clusterArn, SERVICE_ARN: service.serviceArn },
      events: [new SqsEventSource(queue, { reportBatchItemFailures: true })],
    });
    this.#target = new SqsQueue(queue, { messageGroupId: 'restart' });
  }

  bind(rule: IRule, id?: string): RuleTargetConfig {
    return this.#target.bind(rule, id);
  }
}
