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
import { ZILLIZ_CLOUD_DOMAINS } from '../../../protocol/cluster/endpoint.ts';

/**
 * CloudFormation cannot make resources of a list that a parameter has. So each named secret has a
 * parameter of its own.
 */
const NAMED_SECRETS = 5;

const KEY_ARN = {
  allowedPattern: '^(arn:[\\w-]+:kms:.+:key/.+)?$',
  constraintDescription: 'Write the ARN of a key, not of an alias.',
};

const SECRET_NAME = { allowedPattern: '^[\\w/+=.@-]*$', constraintDescription: 'Write the name of a secret.' };

/** A parameter that may stay empty, and the condition that it does not. */
export interface OptionalParameter {
  readonly parameter: CfnParameter;
  readonly isGiven: CfnCondition;
}

export interface TemplateParameters {
  readonly codeBucket: CfnParameter;
  readonly rotationFunctionKey: OptionalParameter;
  readonly overdueFunctionKey: OptionalParameter;
  readonly secretNames: readonly OptionalParameter[];
  readonly secretNamePrefix: OptionalParameter;
  readonly secretKeyArn: OptionalParameter;
  readonly pins: OptionalParameter;
  readonly pinsOfEachSecret: OptionalParameter;
  readonly managerSecretArn: OptionalParameter;
  readonly managerSecretKeyArn: OptionalParameter;
  readonly scheduleExpression: CfnParameter;
  readonly functionName: OptionalParameter;
  readonly allowedEndpoints: CfnParameter;
  readonly clusterEndpoint: CfnParameter;
  readonly clusterTransport: CfnParameter;
  readonly clusterCa: CfnParameter;
  readonly rotatedEvents: OptionalParameter;
  readonly subnetIds: OptionalParameter;
  readonly securityGroupIds: CfnParameter;
  readonly alarmTopicArn: OptionalParameter;
}

/** Adds the parameters to the stack, in groups that the console of CloudFormation shows. */
export function addParameters(stack: Stack): TemplateParameters {
  const required = (id: string, props: CfnParameterProps): CfnParameter => new CfnParameter(stack, id, props);
  const text = (id: string, description: string, props: CfnParameterProps = {}): CfnParameter =>
    required(id, { default: '', description, ...props });
  const optional = (parameter: CfnParameter): OptionalParameter => ({ parameter, isGiven: isGiven(stack, parameter) });

  const codeKey = (id: string): OptionalParameter =>
    optional(
      text(id, 'Key of the zip in the bucket. Default: zilliz-secret-rotation/ and the name of the zip.', {
        default: 'as-released',
      }),
    );
  const parameters: TemplateParameters = {
    codeBucket: required('CodeBucket', { description: 'Bucket with the two zips of the release, in this region.' }),
    rotationFunctionKey: codeKey('RotationFunctionKey'),
    overdueFunctionKey: codeKey('OverdueFunctionKey'),
    secretNames: Array.from({ length: NAMED_SECRETS }, (_, index) =>
      optional(text(`SecretName${index + 1}`, 'Name of an existing secret to rotate on the schedule.', SECRET_NAME)),
    ),
    secretNamePrefix: optional(
      text('SecretNamePrefix', 'Folder of any number of secrets that the function may rotate, such as milvus/.', {
        allowedPattern: '^([\\w/+=.@-]+/)?$',
        constraintDescription: 'Write a folder that ends in a slash, such as milvus/.',
      }),
    ),
    secretKeyArn: optional(
      text('SecretKeyArn', 'ARN of the customer managed key of the secrets. Empty: the AWS managed key.', KEY_ARN),
    ),
    pins: optional(
      text(
        'Pins',
        'JSON. Endpoint and users that a secret must name: {"milvus/orders": {"endpoint": "https://host[:port]", "username": "orders"}}. For an API key: "apiKeyId" instead of "username". Empty: none.',
      ),
    ),
    pinsOfEachSecret: optional(
      text(
        'PinsOfEachSecret',
        'true: the secret zilliz-rotation-pins/each/NAME has such JSON for the secret NAME, instead of Pins. Without it, the function refuses NAME.',
        { allowedValues: ['', 'true'] },
      ),
    ),
    managerSecretArn: optional(
      text('ManagerSecretArn', 'ARN of the secret with the key that creates and deletes API keys. Empty: none.', {
        allowedPattern: '^(arn:[\\w-]+:secretsmanager:.+-\\w{6})?$',
        constraintDescription: 'Write the full ARN of the secret.',
      }),
    ),
    managerSecretKeyArn: optional(
      text('ManagerSecretKeyArn', 'ARN of its customer managed key. Empty: the AWS managed key.', KEY_ARN),
    ),
    scheduleExpression: text('ScheduleExpression', 'Schedule of the named secrets, in UTC.', {
      default: 'rate(30 days)',
    }),
    functionName: optional(
      text('FunctionName', 'Name of the rotation function. Choose it once: a change replaces the function.', {
        default: 'generated',
        allowedPattern: '^[\\w-]{1,64}$',
      }),
    ),
    allowedEndpoints: text(
      'AllowedEndpoints',
      'Hosts, and domains with a leading dot, that may receive a password. Commas between them.',
      { default: ZILLIZ_CLOUD_DOMAINS.join(',') },
    ),
    clusterEndpoint: text(
      'ClusterEndpoint',
      'Endpoint of secrets that name none: https://host[:port]. Empty: each secret names its endpoint.',
    ),
    clusterTransport: text('ClusterTransport', 'How the function reaches the clusters.', {
      default: 'grpc',
      allowedValues: ['grpc', 'rest'],
    }),
    clusterCa: text('ClusterCa', 'PEM of the private authority of the cluster. Empty: the public authorities.'),
    rotatedEvents: optional(
      text('RotatedEvents', 'true: sends an event to EventBridge after each rotation, for a rule of your own.', {
        allowedValues: ['', 'true'],
      }),
    ),
    subnetIds: optional(
      text('SubnetIds', 'Subnets of the rotation function, with commas between them. Default: outside any VPC.', {
        default: 'subnet-00000000',
      }),
    ),
    securityGroupIds: text('SecurityGroupIds', 'Its security groups, with commas between them, if there are subnets.', {
      default: 'sg-00000000',
    }),
    alarmTopicArn: optional(
      text('AlarmTopicArn', 'ARN of the SNS topic for alarms. Default: no alarms, no check for overdue rotations.', {
        default: 'none',
      }),
    ),
  };
  requireSecret(stack, parameters);
  refuseBothPins(stack, parameters);
  stack.templateOptions.metadata = { 'AWS::CloudFormation::Interface': { ParameterGroups: groups(parameters) } };
  return parameters;
}

function isGiven(stack: Stack, parameter: CfnParameter): CfnCondition {
  return new CfnCondition(stack, `Has${parameter.node.id}`, {
    expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, parameter.default)),
  });
}

/** Without a secret, the role would have a statement without resources, which IAM refuses. */
function requireSecret(stack: Stack, { secretNames: [first], secretNamePrefix }: TemplateParameters): void {
  new CfnRule(stack, 'SomeSecret', {
    assertions: [
      {
        assert: Fn.conditionOr(hasText(first as OptionalParameter), hasText(secretNamePrefix)),
        assertDescription: 'Give SecretName1 or SecretNamePrefix.',
      },
    ],
  });
}

function refuseBothPins(stack: Stack, { pins, pinsOfEachSecret }: TemplateParameters): void {
  new CfnRule(stack, 'OnePlaceOfPins', {
    assertions: [
      {
        assert: Fn.conditionNot(Fn.conditionAnd(hasText(pins), hasText(pinsOfEachSecret))),
        assertDescription: 'Give Pins or PinsOfEachSecret, not both.',
      },
    ],
  });
}

function groups(parameters: TemplateParameters): object[] {
  const group = (label: string, members: readonly (CfnParameter | OptionalParameter)[]): object => ({
    Label: { default: label },
    Parameters: members.map((member) => ('isGiven' in member ? member.parameter : member).node.id),
  });
  const { secretNames, secretNamePrefix, secretKeyArn, pins, pinsOfEachSecret } = parameters;
  const { scheduleExpression, functionName } = parameters;
  const { allowedEndpoints, clusterEndpoint, clusterTransport, clusterCa } = parameters;
  return [
    group('Code', [parameters.codeBucket, parameters.rotationFunctionKey, parameters.overdueFunctionKey]),
    group('Secrets', [
      ...secretNames,
      secretNamePrefix,
      secretKeyArn,
      pins,
      pinsOfEachSecret,
      scheduleExpression,
      functionName,
    ]),
    group('API keys', [parameters.managerSecretArn, parameters.managerSecretKeyArn]),
    group('Clusters', [allowedEndpoints, clusterEndpoint, clusterTransport, clusterCa]),
    group('Network', [parameters.subnetIds, parameters.securityGroupIds]),
    group('Events and alarms', [parameters.rotatedEvents, parameters.alarmTopicArn]),
  ];
}

/** Whether the parameter has a text. For a parameter whose default is empty. */
function hasText({ parameter }: OptionalParameter): ICfnConditionExpression {
  return Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, ''));
}

export function textOf({ parameter }: OptionalParameter): string {
  return parameter.valueAsString;
}

/** The value, or `AWS::NoValue` without the parameter. */
export function ifGiven({ isGiven }: OptionalParameter, value: unknown): ICfnRuleConditionExpression {
  return Fn.conditionIf(isGiven.logicalId, value, Fn.ref('AWS::NoValue'));
}
