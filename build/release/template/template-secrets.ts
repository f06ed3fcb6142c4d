import { Aws, type CfnParameter, type CfnResource, RemovalPolicy, type Stack, Token } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnRotationSchedule, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { ROTATED_SECRETS } from '../../../protocol/secret/rotated-secrets.ts';
import { ifGiven, isGiven, type TemplateParameters } from './parameters.ts';

/** The secrets of one parameter. */
interface SecretsOfParameter {
  readonly parameter: CfnParameter;
  /** The text after `secret:` in the ARNs, up to the wildcards. */
  readonly start: string;
  readonly wildcards: string;
}

/**
 * The secrets that the parameters name. In each list of the template, an element without its
 * parameter is `AWS::NoValue`.
 */
function secretsOf({ secretNames, SecretNamePrefix }: TemplateParameters): readonly SecretsOfParameter[] {
  return [
    // Six random characters follow the name in the ARN of a secret.
    ...secretNames.map((parameter) => ({ parameter, start: `${parameter.valueAsString}-`, wildcards: '??????' })),
    { parameter: SecretNamePrefix, start: SecretNamePrefix.valueAsString, wildcards: '*' },
  ];
}

/** Allows the function to rotate all secrets. The named ones get a schedule. */
export function allowAndSchedule(
  stack: Stack,
  parameters: TemplateParameters,
  rotationFunction: RotationFunction,
): void {
  const { SecretKeyArn, secretNames, ScheduleExpression } = parameters;
  const key = Key.fromKeyArn(stack, 'SecretKey', SecretKeyArn.valueAsString);
  const dependencies = secretsOf(parameters).flatMap(({ parameter, start, wildcards }) => {
    const arn = Token.asString(ifGiven(parameter, arnOf(`${start}${wildcards}`)));
    const secret = Secret.fromSecretCompleteArn(stack, `Imported${parameter.node.id}`, arn);
    return rotationFunction.allowRotationOf(secret, key);
  });
  for (const [index, name] of secretNames.entries()) {
    const schedule = new CfnRotationSchedule(stack, `Schedule${index + 1}`, {
      secretId: name.valueAsString,
      rotationLambdaArn: rotationFunction.function.functionArn,
      rotationRules: { scheduleExpression: ScheduleExpression.valueAsString },
      rotateImmediatelyOnUpdate: false,
    });
    // Without this, a name that moves to another parameter would turn a rotation off.
    schedule.applyRemovalPolicy(RemovalPolicy.RETAIN);
    schedule.node.addDependency(...dependencies);
    schedule.cfnOptions.condition = isGiven(name);
  }
}

/** Replaces the list of the constructs, which cannot leave out an element. */
export function setRotatedSecrets(fn: CfnResource, parameters: TemplateParameters): void {
  const patterns = secretsOf(parameters).map(({ parameter, start, wildcards }) =>
    ifGiven(parameter, `${start}${wildcards}`),
  );
  fn.addPropertyOverride(`Environment.Variables.${ROTATED_SECRETS}`, { 'Fn::Join': [',', patterns] });
}

/** See {@link setRotatedSecrets}. */
export function setEventFilter(rule: CfnResource, parameters: TemplateParameters): void {
  const filters = secretsOf(parameters).map(({ parameter, start }) => ifGiven(parameter, { prefix: arnOf(start) }));
  rule.addPropertyOverride('EventPattern.detail.additionalEventData.SecretId', filters);
}

function arnOf(resource: string): string {
  return `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${resource}`;
}
