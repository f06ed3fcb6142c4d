import { Aws, type Stack } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { folderArn } from '../../../infra/function/secret-permissions.ts';
import { PINS_FOLDER } from '../../../infra/function/secret-pins.ts';
import { formatPinsLocation } from '../../../protocol/secret/pins.ts';
import { SECRET_TARGETS } from '../../../protocol/secret/rotated-secrets.ts';
import { ifGiven, type OptionalParameter, textOf } from './parameters.ts';

/**
 * The secret with the pins of a parameter, and what the function needs to read it. A schedule can
 * depend on neither, because both have a condition: until they exist, the function rotates nothing.
 */
export function addPins(stack: Stack, pins: OptionalParameter, role: IRole, fn: CfnFunction): void {
  const prefix = `${PINS_FOLDER}${Aws.STACK_NAME}`;
  const secret = new CfnSecret(stack, 'PinsSecret', {
    name: `${prefix}/0`,
    description: 'Endpoint and users of each secret that the function rotates. No credential',
    secretString: textOf(pins),
  });
  const policy = new Policy(stack, 'ReadPins', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [folderArn(stack, `${prefix}/`)],
      }),
    ],
  });
  for (const resource of [secret, policy.node.defaultChild as CfnSecret]) {
    resource.addOverride('Condition', pins.isGiven.logicalId);
  }
  fn.addPropertyOverride(
    `Environment.Variables.${SECRET_TARGETS}`,
    ifGiven(pins, formatPinsLocation({ prefix, count: 1, isComplete: false })),
  );
}
