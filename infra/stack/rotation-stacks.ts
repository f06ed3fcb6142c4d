import { CfnWaitConditionHandle, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { partOf } from '../../protocol/secret/pins.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { configuredName } from '../configuration/secret-keys.ts';
import { configuredSecret } from './configured-secret.ts';
import { addTags, RotationStack } from './rotation-stack.ts';

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
