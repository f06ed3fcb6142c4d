import { CfnOutput, CfnWaitConditionHandle, Duration, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { partOf } from '../../protocol/secret/pins.ts';
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

/**
 * The stacks of one configuration file, in the order of their deployment. Without `stacks` in the
 * file, one stack contains everything. With `stacks: N`, the first stacks contain the pins, the
 * next one the function, and the last N the secrets with their schedules. The name of a secret
 * decides where it is, so a new secret changes its own stack and its pins only.
 *
 * @example
 * const env = { account: '123456789012', region: 'us-west-2' };
 * rotationStacks(app, readConfiguration('rotation.yaml'), { env });
 */
export function rotationStacks(scope: Construct, configuration: Configuration, props: StackProps = {}): Stack[] {
  const { stacks, ...file } = configuration;
  const ofFunction = stacks === undefined ? file : { ...file, secrets: [] };
  const main = new RotationStack(scope, file.stackName, { ...props, configuration: ofFunction });
  return stacks === undefined ? [main] : addFleet(main, stacks, configuration, props);
}

/**
 * The pins of a part have about a tenth of the size that a template may have. Never changed,
 * because pins would move between stacks.
 */
const PARTS_OF_A_PINS_STACK = 8;

/**
 * Adds the stacks with pins, which the stack of the function depends on, and those with secrets,
 * which depend on that stack. So no deployment leaves the function without the pins of a secret.
 */
function addFleet(main: RotationStack, count: number, configuration: Configuration, props: StackProps): Stack[] {
  const { secrets, defaults } = configuration;
  const { rotationFunction } = main;
  const add = (length: number, kind: string, description: string): Stack[] =>
    Array.from(
      { length },
      (_, index) => new Stack(main.node.scope, `${main.node.id}-${kind}-${index}`, { description, ...props }),
    );
  const pins = add(Math.ceil(count / PARTS_OF_A_PINS_STACK), 'pins', 'Endpoints and users of rotated secrets');
  const parts = add(count, 'secrets', 'Secrets rotated by zilliz-secret-rotation');
  rotationFunction.dividePins(parts.map((_, part) => pins[Math.floor(part / PARTS_OF_A_PINS_STACK)] as Stack));
  for (const part of parts) {
    // CloudFormation refuses a stack without resources. This resource creates nothing.
    new CfnWaitConditionHandle(part, 'NotEmpty');
  }
  const scopes = parts.map((part) => new Construct(part, 'Secrets'));
  for (const entry of secrets) {
    const scope = scopes[partOf(configuredName(entry), count, 'stack')] as Construct;
    configuredSecret(scope, rotationFunction, defaults, entry);
  }
  for (const stack of [...pins, ...parts]) {
    addTags(stack, configuration);
  }
  return [...pins, main, ...parts];
}

function addTags(stack: Stack, { tags = {} }: Configuration): void {
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
