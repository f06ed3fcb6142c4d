import {
  CfnCondition,
  CfnParameter,
  type CfnParameterProps,
  CfnRule,
  Fn,
  type ICfnConditionExpression,
  type ICfnRuleConditionExpression,
  type Stack,
} from 'aws-cdk-lib';
import { GROUPS, type ParameterId } from './parameter-groups.ts';

export interface TemplateParameters extends Readonly<Record<ParameterId, CfnParameter>> {
  readonly secretNames: readonly CfnParameter[];
}

/** Adds the parameters to the stack. Only the bucket must be given. */
export function addParameters(stack: Stack): TemplateParameters {
  const added = Object.values(GROUPS).flatMap((group) =>
    Object.entries<CfnParameterProps>(group).map(([id, props]) => {
      const parameter = new CfnParameter(stack, id, id === 'CodeBucket' ? props : { default: '', ...props });
      return [id, parameter] as const;
    }),
  );
  const parameters = Object.fromEntries(added) as Record<ParameterId, CfnParameter>;
  const { SecretName1, SecretName2, SecretName3, SecretName4, SecretName5 } = parameters;
  const { SecretNamePrefix, Pins, PinsOfEachSecret } = parameters;
  // Without a secret, the role would have a statement without resources, which IAM refuses.
  addRule(
    stack,
    'SomeSecret',
    'Give SecretName1 or SecretNamePrefix.',
    Fn.conditionOr(hasText(SecretName1), hasText(SecretNamePrefix)),
  );
  addRule(
    stack,
    'OnePlaceOfPins',
    'Give Pins or PinsOfEachSecret, not both.',
    Fn.conditionNot(Fn.conditionAnd(hasText(Pins), hasText(PinsOfEachSecret))),
  );
  const ParameterGroups = Object.entries(GROUPS).map(([label, group]) => ({
    Label: { default: label },
    Parameters: Object.keys(group),
  }));
  stack.templateOptions.metadata = { 'AWS::CloudFormation::Interface': { ParameterGroups } };
  return { ...parameters, secretNames: [SecretName1, SecretName2, SecretName3, SecretName4, SecretName5] };
}

function addRule(stack: Stack, id: string, assertDescription: string, assert: ICfnConditionExpression): void {
  new CfnRule(stack, id, { assertions: [{ assert, assertDescription }] });
}

/** Whether a parameter whose default is empty has a text. */
function hasText({ valueAsString }: CfnParameter): ICfnConditionExpression {
  return Fn.conditionNot(Fn.conditionEquals(valueAsString, ''));
}

/** The condition that the parameter is not its default. */
export function isGiven({ node, stack, valueAsString, default: byDefault }: CfnParameter): CfnCondition {
  const id = `Has${node.id}`;
  const existing = stack.node.tryFindChild(id) as CfnCondition | undefined;
  const expression = Fn.conditionNot(Fn.conditionEquals(valueAsString, byDefault));
  return existing ?? new CfnCondition(stack, id, { expression });
}

/** The value, or `AWS::NoValue` without the parameter. */
export function ifGiven(parameter: CfnParameter, value: unknown): ICfnRuleConditionExpression {
  return Fn.conditionIf(isGiven(parameter).logicalId, value, Fn.ref('AWS::NoValue'));
}
