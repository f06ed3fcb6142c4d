import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { partOf } from '../../protocol/secret/pins.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { nameOf, type SecretConfiguration } from '../configuration/secret-keys.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { configuredSecret } from './configured-secret.ts';
import { RotationStack } from './rotation-stack.ts';

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
    // A stack without secrets is created too, because the function looks for the pins of each
    // stack.
    const parts = Array.from(
      { length: stacks },
      (_, part) => new SecretsStack(scope, `${stackName}-secrets-${part}`, props),
    );
    main.rotationFunction.dividePins(parts);
    for (const entry of configuration.secrets) {
      parts[partOf(nameOf(entry), stacks, 'stack')]?.add(entry, configuration, main.rotationFunction);
    }
    all.push(...parts);
  }
  for (const [key, value] of Object.entries(tags ?? {})) {
    for (const stack of all) {
      Tags.of(stack).add(key, value);
    }
  }
  return all;
}

/** The secrets of one part of a fleet, with their schedules and their pins. */
class SecretsStack extends Stack {
  readonly #secrets: Construct;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, {
      description: 'Secrets rotated by zilliz-secret-rotation',
      ...props,
    });
    this.#secrets = new Construct(this, 'Secrets');
  }

  add(entry: SecretConfiguration, { defaults }: Configuration, rotationFunction: RotationFunction): void {
    configuredSecret(this.#secrets, { entry, defaults, rotationFunction });
  }
}
