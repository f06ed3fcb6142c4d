import { Aws, Fn, type ICfnRuleConditionExpression, type Stack, Validations } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { folderArn } from '../../../infra/function/secret-names.ts';
import { formatPinsLocation, PINS_FOLDER } from '../../../protocol/secret/pins.ts';
import { SECRET_TARGETS } from '../../../protocol/secret/rotated-secrets.ts';
import { ifGiven, isGiven, type TemplateParameters } from './parameters.ts';

/** Without the name of the stack, because StackSets generate it and other stacks add the pins. */
const PINS_OF_EACH_SECRET = `${PINS_FOLDER}each`;

/**
 * The secret with the pins of one parameter, or the folder with a secret for each rotated secret,
 * and what the function needs to read them. The policy of the role names the secret, and the
 * function waits for the policy: so no secret rotates before it is pinned.
 *
 * @returns statements for the policy of the role.
 */
export function addPins(
  stack: Stack,
  { Pins, PinsOfEachSecret }: TemplateParameters,
  fn: CfnFunction,
): readonly ICfnRuleConditionExpression[] {
  const prefix = `${PINS_FOLDER}${Aws.STACK_NAME}`;
  const secret = new CfnSecret(stack, 'PinsSecret', {
    name: `${prefix}/0`,
    description: 'Endpoint and users of each secret that the function rotates. No credential',
    secretString: Pins.valueAsString,
  });
  secret.addOverride('Condition', isGiven(Pins).logicalId);
  Validations.of(secret).acknowledge({
    id: 'CloudFormation-Validate::W1030',
    reason: 'The rule takes the empty default of Pins for the value. The condition then leaves out this secret.',
  });
  fn.addPropertyOverride(
    `Environment.Variables.${SECRET_TARGETS}`,
    Fn.conditionIf(
      isGiven(PinsOfEachSecret).logicalId,
      formatPinsLocation({ prefix: PINS_OF_EACH_SECRET, count: 'each', isComplete: true }),
      ifGiven(Pins, formatPinsLocation({ prefix, count: 1, isComplete: false })),
    ),
  );
  const read = (arn: string): object => ({
    Action: 'secretsmanager:GetSecretValue',
    Effect: 'Allow',
    Resource: arn,
  });
  return [
    ifGiven(Pins, read(secret.ref)),
    ifGiven(PinsOfEachSecret, read(folderArn(stack, `${PINS_OF_EACH_SECRET}/`))),
  ];
}
