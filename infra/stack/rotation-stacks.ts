import { CfnWaitConditionHandle, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Configuration } from '../configuration/configuration.ts';
import { nameOf, type SecretConfiguration } from '../configuration/secret-keys.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { partOf } from '../rules/spread.ts';
import { addTags } from '../tags.ts';
import { configuredSecret } from './configured-secret.ts';
import { RotationStack } from './rotation-stack.ts';

/** CloudFormation allows 500 resources in a stack. A new secret has two resources. */
const MAX_SECRETS = 240;

/**
 * The stacks of one configuration file. Without `stacks` in the file, one stack contains
 * everything. With `stacks: N`, one stack contains the function, and N stacks contain the secrets.
 * The name of a secret decides its stack, so a new secret changes one stack only.
 *
 * @example
 * const env = { account: '123456789012', region: 'us-west-2' };
 * rotationStacks(app, readConfiguration('rotation.yaml'), { env });
 */
export function rotationStacks(scope: Construct, configuration: Configuration, props: StackProps = {}): Stack[] {
  const { stackName, stacks, tags } = configuration;
  const main = new RotationStack(scope, stackName, { ...props, configuration });
  const all: Stack[] = [main];
  if (stacks !== undefined) {
    const parts = Map.groupBy(configuration.secrets, (entry) => partOf(nameOf(entry), stacks, 'stack'));
    // A stack without secrets is created too. If the app omitted it, `cdk deploy` would not delete
    // its former schedules.
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
      // CloudFormation refuses a stack without resources. A wait condition handle creates nothing.
      new CfnWaitConditionHandle(this, 'Empty');
    }
    for (const entry of entries) {
      configuredSecret(secrets, { entry, defaults, rotationFunction });
    }
    this.node.addValidation({
      validate: () =>
        entries.length > MAX_SECRETS
          ? [
              `This stack has ${entries.length} secrets, and CloudFormation allows ${MAX_SECRETS}. Write a higher number for stacks.`,
            ]
          : [],
    });
  }
}
