import type { CfnParameterProps } from 'aws-cdk-lib';
import { ZILLIZ_CLOUD_DOMAINS } from '../../../protocol/cluster/endpoint.ts';
import { CONTROL_PLANE_PATHS, DEFAULT_CONTROL_PLANE } from '../../../protocol/keys/control-plane.ts';
import { PINS_FOLDER } from '../../../protocol/secret/pins.ts';

const CODE_KEY: CfnParameterProps = {
  description: 'Key of the zip in the bucket. Default: zilliz-secret-rotation/ and the name of the zip.',
  default: 'as-released',
};

const KEY_ARN: CfnParameterProps = {
  allowedPattern: '^(arn:[\\w-]+:kms:.+:key/.+)?$',
  constraintDescription: 'Write the ARN of a key, not of an alias.',
};

const SECRET_NAME: CfnParameterProps = {
  description: 'Name of an existing secret to rotate on the schedule.',
  allowedPattern: '^[\\w/+=.@-]*$',
  constraintDescription: 'Write the name of a secret.',
};

/** The groups that the console of CloudFormation shows. Without a default: empty. */
export const GROUPS = {
  Code: {
    CodeBucket: { description: 'Bucket with the two zips of the release, in this region.' },
    RotationFunctionKey: CODE_KEY,
    OverdueFunctionKey: CODE_KEY,
  },
  Secrets: {
    // CloudFormation cannot make a resource for each element of a list that a parameter has.
    SecretName1: SECRET_NAME,
    SecretName2: SECRET_NAME,
    SecretName3: SECRET_NAME,
    SecretName4: SECRET_NAME,
    SecretName5: SECRET_NAME,
    SecretNamePrefix: {
      description: 'Folder of any number of secrets that the function may rotate, such as milvus/.',
      // Otherwise the function could change its own pins.
      allowedPattern: `^(?!${PINS_FOLDER})([\\w/+=.@-]+/)?$`,
      constraintDescription: `Write a folder that ends in a slash, such as milvus/. ${PINS_FOLDER} holds the pins.`,
    },
    SecretKeyArn: {
      description: 'ARN of the customer managed key of the secrets. Empty: the AWS managed key.',
      ...KEY_ARN,
    },
    Pins: {
      description:
        'JSON. Endpoint and users that a secret must name: {"milvus/orders": {"endpoint": "https://host[:port]", "username": "orders"}}. For an API key: "apiKeyId" instead of "username". Empty: none.',
    },
    PinsOfEachSecret: {
      description:
        'true: the secret zilliz-rotation-pins/each/NAME has such JSON for the secret NAME, instead of Pins. Without it, the function refuses NAME.',
      allowedValues: ['', 'true'],
    },
    ScheduleExpression: { description: 'Schedule of the named secrets, in UTC.', default: 'rate(30 days)' },
    FunctionName: {
      description: 'Name of the rotation function. Choose it once: a change replaces the function.',
      default: 'generated',
      allowedPattern: '^[\\w-]{1,64}$',
    },
  },
  'API keys': {
    ManagerSecretArn: {
      description: 'ARN of the secret with the key that creates and deletes API keys. Empty: none.',
      allowedPattern: '^(arn:[\\w-]+:secretsmanager:.+-\\w{6})?$',
      constraintDescription: 'Write the full ARN of the secret.',
    },
    ManagerSecretKeyArn: { description: 'ARN of its customer managed key. Empty: the AWS managed key.', ...KEY_ARN },
    ControlPlaneUrl: {
      description: 'Address of the control plane of API keys.',
      default: DEFAULT_CONTROL_PLANE.url,
      allowedPattern: '^https://[\\w.-]+(:\\d+)?$',
      constraintDescription: 'Write https://HOST, without a path.',
    },
    ControlPlanePath: {
      description: 'Path of API keys there, after /v2/.',
      default: DEFAULT_CONTROL_PLANE.path,
      allowedValues: [...CONTROL_PLANE_PATHS],
    },
    ControlPlaneSuccessCodes: {
      description: 'Its codes that mean success, with commas.',
      default: DEFAULT_CONTROL_PLANE.successCodes.join(','),
      allowedPattern: '^\\d+(,\\d+)*$',
    },
  },
  Clusters: {
    AllowedEndpoints: {
      description: 'Hosts, and domains with a leading dot, that may receive a password. Commas between them.',
      default: ZILLIZ_CLOUD_DOMAINS.join(','),
    },
    ClusterEndpoint: {
      description: 'Endpoint of secrets that name none: https://host[:port]. Empty: each secret names its endpoint.',
    },
    ClusterTransport: {
      description: 'How the function reaches the clusters.',
      default: 'grpc',
      allowedValues: ['grpc', 'rest'],
    },
    ClusterCa: { description: 'PEM of the private authority of the cluster. Empty: the public authorities.' },
  },
  Applications: {
    RotatedEvents: {
      description: 'true: sends an event to EventBridge after each rotation, for a rule of your own.',
      allowedValues: ['', 'true'],
    },
  },
  Network: {
    SubnetIds: {
      description: 'Subnets of the rotation function, with commas between them. Default: outside any VPC.',
      default: 'subnet-00000000',
    },
    SecurityGroupIds: {
      description: 'Its security groups, with commas between them, if there are subnets.',
      default: 'sg-00000000',
    },
  },
  Alarms: {
    AlarmTopicArn: {
      description: 'ARN of the SNS topic for alarms. Default: no alarms, no check for overdue rotations.',
      default: 'none',
    },
  },
} satisfies Readonly<Record<string, Readonly<Record<string, CfnParameterProps>>>>;

type KeyOfEach<Group> = Group extends Group ? keyof Group : never;

export type ParameterId = KeyOfEach<(typeof GROUPS)[keyof typeof GROUPS]>;
