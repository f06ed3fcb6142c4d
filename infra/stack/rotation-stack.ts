import { CfnOutput, Duration, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Configuration, MonitoringConfiguration } from '../configuration/configuration.ts';
import type { FunctionConfiguration } from '../configuration/function-keys.ts';
import { configuredName } from '../configuration/secret-keys.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { RotationAlarms } from '../monitoring/rotation-alarms.ts';
import { refuseProp } from '../rules/check-props.ts';
import { configuredFunction } from './configured-function.ts';
import { configuredSecret } from './configured-secret.ts';

export interface RotationStackProps extends StackProps {
  readonly configuration: Configuration;
}

/**
 * The stack of one configuration file: the rotation function, the secrets with their schedules,
 * and the monitoring. For a file with `stacks`, use {@link rotationStacks}.
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
    if (configuration.stacks !== undefined) {
      const rule =
        'A RotationStack is one stack. Write rotationStacks(app, configuration), which creates all stacks of the file.';
      refuseProp(this, ['stacks'], configuration.stacks, rule);
    }
    const { permissionsBoundaryArn, ...functionConfiguration } = withKeyOfDefaults(configuration);
    if (permissionsBoundaryArn !== undefined) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(this, 'PermissionsBoundary', permissionsBoundaryArn);
      PermissionsBoundary.of(this).apply(boundary);
    }
    this.rotationFunction = configuredFunction(this, functionConfiguration);
    new CfnOutput(this, 'RotationFunctionArn', { value: this.rotationFunction.function.functionArn });
    this.#addSecrets(configuration);
    addTags(this, configuration);
    if (configuration.monitoring) {
      this.#addMonitoring(configuration.monitoring);
    }
  }

  #addSecrets({ secrets, defaults }: Configuration): void {
    const scope = new Construct(this, 'Secrets');
    for (const entry of secrets) {
      const secret = configuredSecret(scope, this.rotationFunction, defaults, entry);
      const name = configuredName(entry);
      // If only the name of a secret is known, the suffix of its ARN is unknown at synth.
      const what = secret.secretFullArn === undefined ? 'ARN, without its suffix, of the secret' : 'ARN of the secret';
      // The name of a secret has no colon, so no construct of a secret has this id.
      new CfnOutput(scope, `${name}:Arn`, { value: secret.secretArn, description: `${what} ${name}` });
    }
  }

  #addMonitoring(monitoring: MonitoringConfiguration): void {
    const { topicArn, email, maxAgeDays, ...same } = monitoring;
    const { topic } = new RotationAlarms(this, 'Monitoring', {
      ...same,
      rotationFunction: this.rotationFunction,
      ...(topicArn !== undefined && { topic: Topic.fromTopicArn(this, 'AlarmTopic', topicArn) }),
      ...(maxAgeDays !== undefined && { maxAge: Duration.days(maxAgeDays) }),
    });
    if (email !== undefined) {
      topic.addSubscription(new EmailSubscription(email));
    }
    new CfnOutput(this, 'AlarmTopicArn', { value: topic.topicArn });
  }
}

/** @internal */
export function addTags(stack: Stack, { tags = {} }: Configuration): void {
  for (const [key, value] of Object.entries(tags)) {
    Tags.of(stack).add(key, value);
  }
}

/** The role of a fleet must allow the default key before the first secret uses the key. */
function withKeyOfDefaults({ function: fn, defaults }: Configuration): FunctionConfiguration {
  const { kmsKeyArn } = defaults;
  return fn.secretNamePrefix === undefined || kmsKeyArn === undefined
    ? fn
    : { ...fn, secretKmsKeyArns: [...new Set([kmsKeyArn, ...(fn.secretKmsKeyArns ?? [])])] };
}
