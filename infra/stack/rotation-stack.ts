import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import {
  type Configuration,
  type FunctionConfiguration,
  type MonitoringConfiguration,
  nameOf,
} from '../configuration/configuration.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { RotationAlarms } from '../monitoring/rotation-alarms.ts';
import { configuredFunction } from './configured-function.ts';
import { configuredSecret } from './configured-secret.ts';

export interface RotationStackProps extends StackProps {
  readonly configuration: Configuration;
}

/**
 * Everything that one configuration file asks for: a function, and a schedule for each secret, new or existing. With `stacks` in the file, the
 * secrets are in stacks of their own: see {@link rotationStacks}.
 *
 * @example
 * new RotationStack(app, 'rotation', { configuration: readConfiguration('rotation.yaml') });
 */
export class RotationStack extends Stack {
  readonly rotationFunction: RotationFunction;

  constructor(scope: Construct, id: string, props: RotationStackProps) {
    super(scope, id, {
      description: 'Rotation of Zilliz Cloud and Milvus credentials (zilliz-secret-rotation)',
      ...props,
    });
    const { configuration } = props;
    const { permissionsBoundaryArn, ...functionConfiguration } = withKeyOfDefaults(configuration);
    if (permissionsBoundaryArn !== undefined) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', permissionsBoundaryArn);
      PermissionsBoundary.of(this).apply(boundary);
    }
    this.rotationFunction = configuredFunction(this, functionConfiguration);
    new CfnOutput(this, 'RotationFunctionArn', { value: this.rotationFunction.function.functionArn });
    if (configuration.stacks === undefined) {
      this.#addSecrets(configuration);
    }
    if (configuration.monitoring) {
      this.#addMonitoring(configuration.monitoring);
    }
  }

  #addSecrets({ secrets, defaults }: Configuration): void {
    const scope = new Construct(this, 'Secrets');
    for (const entry of secrets) {
      const secret = configuredSecret(scope, { entry, defaults, rotationFunction: this.rotationFunction });
      const name = nameOf(entry);
      // Of a secret that is known by name alone, nobody knows the six characters at the end of its ARN at synth.
      const what = secret.secretFullArn === undefined ? 'ARN, without its suffix, of the secret' : 'ARN of the secret';
      // No name of a secret holds a colon, so no secret's own construct has this id.
      new CfnOutput(scope, `${name}:Arn`, { value: secret.secretArn, description: `${what} ${name}` });
    }
  }

  #addMonitoring(monitoring: MonitoringConfiguration): void {
    const { topicArn, email, maxAgeDays, runbook, dashboard } = monitoring;
    const { topic } = new RotationAlarms(this, 'Monitoring', {
      rotationFunction: this.rotationFunction,
      ...(topicArn !== undefined && { topic: Topic.fromTopicArn(this, 'AlarmTopic', topicArn) }),
      ...(maxAgeDays !== undefined && { maxAge: Duration.days(maxAgeDays) }),
      ...(runbook !== undefined && { runbook }),
      ...(dashboard !== undefined && { dashboard }),
    });
    if (email !== undefined) {
      topic.addSubscription(new EmailSubscription(email));
    }
    new CfnOutput(this, 'AlarmTopicArn', { value: topic.topicArn });
  }
}

/** A folder of secrets is permitted before there are any in it, and with it the key that they are under if they name no other. */
function withKeyOfDefaults({ function: fn, defaults }: Configuration): FunctionConfiguration {
  const { kmsKeyArn } = defaults;
  return fn.secretNamePrefix === undefined || kmsKeyArn === undefined
    ? fn
    : { ...fn, secretKmsKeyArns: [...new Set([kmsKeyArn, ...(fn.secretKmsKeyArns ?? [])])] };
}
