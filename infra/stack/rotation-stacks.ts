import { CfnWaitConditionHandle, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type Configuration, nameOf, type SecretConfiguration } from '../configuration/configuration.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { partOf } from '../rules/spread.ts';
import { addTags } from '../tags.ts';
import { configuredSecret } from './configured-secret.ts';
import { RotationStack } from './rotation-stack.ts';

/** CloudFormation takes 500 resources in a stack, and a new secret is two. */
const MOST_SECRETS = 240;

/**
 * The stacks of one configuration file: one, or with `stacks` one for the function and so many for the secrets. The name of a secret alone decides in
 * which it is, so that adding one changes only its own stack.
 *
 * @example
 * rotationStacks(app, readConfiguration('rotation.yaml'), { env: { account: '123456789012', region: 'us-west-2' } });
 */
export function rotationStacks(scope: Construct, configuration: Configuration, props: StackProps = {}): Stack[] {
  const { stackName, stacks, tags } = configuration;
  const main = new RotationStack(scope, stackName, { ...props, configuration });
  const all: Stack[] = [main];
  if (stacks !== undefined) {
    const parts = Map.groupBy(configuration.secrets, (entry) => partOf(nameOf(entry), stacks, 'stack'));
    // Those that nothing falls into too: `cdk deploy` leaves a stack as it is that the app no longer names, schedules and all.
    for (let part = 0; part < stacks; part++) {
      const id = `${stackName}-secrets-${part}`;
      const entries = parts.get(part) ?? [];
      all.push(
        new SecretsStack(scope, id, { ...props, entries, configuration, rotationFunction: main.rotationFunction }),
      );
    }
  }
  for (const stack of all) {
    addTags(stack, tags);
  }
  return all;
}

interface SecretsStackProps extends StackProps {
  readonly entries: readonly SecretConfiguration[];
  readonly configuration: Configuration;
  readonly rotationFunction: RotationFunction;
}

/** Some of the secrets of a fleet. */
class SecretsStack extends Stack {
  constructor(scope: Construct, id: string, props: SecretsStackProps) {
    super(scope, id, {
      description: 'Secrets rotated by zilliz-secret-rotation',
      ...props,
    });
    const { entries, rotationFunction } = props;
    const { defaults } = props.configuration;
    const secrets = new Construct(this, 'Secrets');
    if (entries.length === 0) {
      // CloudFormation takes no stack without a resource. This one is nothing.
      new CfnWaitConditionHandle(this, 'Empty');
    }
    for (const entry of entries) {
      configuredSecret(secrets, { entry, defaults, rotationFunction });
    }
    this.node.addValidation({
      validate: () =>
        entries.length > MOST_SECRETS
          ? [
              `${entries.length} secrets fall into this stack, and ${MOST_SECRETS} fit. Choose a higher number for stacks.`,
            ]
          : [],
    });
  }
}
