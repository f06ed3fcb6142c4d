import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  type IConnectable,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  type SubnetFilter,
  type SubnetSelection,
  SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import type { IGrantable, IManagedPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { ISecret, ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { flag, unknownKeyRule } from './fields.ts';
import { kindOf } from './mistake.ts';

/**
 * A prop whose value is an object of CDK or of this package. The members tell the type, because an
 * app may contain two copies of a package, so that `instanceof` is false.
 *
 * @param expected What to give, as the end of a sentence.
 */
export function object<Type extends object>(
  expected: string,
  ...members: readonly (keyof Type & string)[]
): z.ZodCustom<Type> {
  return z.custom<Type>(
    (value) => typeof value === 'object' && value !== null && members.every((member) => member in value),
    { error: ({ input }) => `${input === undefined ? '' : `This is ${kindOf(input)}. `}Give ${expected}.`, ...HIDDEN },
  );
}

/** The message names the type of the value only, because a text may be a password. */
const HIDDEN = { params: { hidden: true } };

export function isHidden({ code, params }: Pick<z.core.$ZodIssue, 'code'> & { readonly params?: unknown }): boolean {
  return code === 'custom' && params === HIDDEN.params;
}

const listOf = <Item extends z.ZodType>(item: Item, expected: string): z.ZodArray<Item> =>
  z.array(item, { error: `Give a list of ${expected}.` });

/** A map of CDK with these keys and no others. An optional key may be `undefined`. */
export const mapOf = <Fields extends z.core.$ZodShape>(
  fields: Fields,
  expected: string,
): z.ZodObject<Fields, z.core.$strict> =>
  z.strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKeyRule(String(issue.keys[0]), Object.keys(fields))
        : `Give ${expected}.`,
  });

export const SCOPE: z.ZodCustom<IConstruct> = object<IConstruct>('a construct, such as this', 'node');

export const SECRET: z.ZodCustom<ISecret> = object<ISecret>(
  "a secret of CDK, such as Secret.fromSecretNameV2(this, 'Secret', 'milvus/orders')",
  'secretArn',
  'secretName',
  'addToResourcePolicy',
);

export const KMS_KEY: z.ZodCustom<IKey> = object<IKey>(
  "a key of CDK, such as new Key(this, 'Key') or Key.fromKeyArn(this, 'Key', arn)",
  'keyArn',
  'addToResourcePolicy',
);

export const KMS_KEYS: z.ZodArray<typeof KMS_KEY> = listOf(KMS_KEY, 'keys of CDK');

export const ROLE: z.ZodCustom<IRole> = object<IRole>(
  "a role of CDK, such as Role.fromRoleArn(this, 'Role', arn)",
  'roleArn',
  'grantPrincipal',
);

export const GRANTEE: z.ZodCustom<IGrantable> = object<IGrantable>(
  'a role of CDK, or a function or another construct that has a role',
  'grantPrincipal',
);

export const MANAGED_POLICY: z.ZodCustom<IManagedPolicy> = object<IManagedPolicy>(
  "a managed policy of CDK, such as ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', arn)",
  'managedPolicyArn',
);

export const TOPIC: z.ZodCustom<ITopic> = object<ITopic>(
  "a topic of CDK, such as Topic.fromTopicArn(this, 'Topic', arn)",
  'topicArn',
  'addToResourcePolicy',
);

export const VPC: z.ZodCustom<IVpc> = object<IVpc>(
  "a VPC of CDK, such as Vpc.fromLookup(this, 'Vpc', { vpcId: 'vpc-0123456789abcdef0' })",
  'vpcId',
  'selectSubnets',
);

export const TEXT: z.ZodString = z.string({ error: 'Give a string.' });

const SUBNET_FIELDS: Readonly<Record<keyof SubnetSelection, z.ZodType>> = {
  subnetType: z
    .enum(SubnetType, { error: 'Give a member of SubnetType, such as SubnetType.PRIVATE_WITH_EGRESS.' })
    .optional(),
  availabilityZones: listOf(TEXT, 'names of availability zones').optional(),
  subnetGroupName: TEXT.optional(),
  onePerAz: flag().optional(),
  subnetFilters: listOf(
    object<SubnetFilter>("a SubnetFilter, such as SubnetFilter.byIds(['subnet-0123456789abcdef0'])", 'selectSubnets'),
    'filters of CDK',
  ).optional(),
  subnets: listOf(
    object<ISubnet>("a subnet of CDK, such as Subnet.fromSubnetId(this, 'Subnet', id)", 'subnetId', 'routeTable'),
    'subnets of CDK',
  ).optional(),
};

// The type of the map has no key by name, because the type of SUBNET_FIELDS hides the fields.
export const SUBNETS = mapOf(
  SUBNET_FIELDS,
  'a selection, such as { subnetType: SubnetType.PRIVATE_WITH_EGRESS }',
) as z.ZodType<SubnetSelection>;

export const SECURITY_GROUPS: z.ZodType<ISecurityGroup[]> = listOf(
  object<ISecurityGroup>(
    "a security group of CDK, such as SecurityGroup.fromSecurityGroupId(this, 'Group', id)",
    'securityGroupId',
    'connections',
  ),
  'security groups of CDK',
);

export const CLIENTS: z.ZodType<IConnectable[]> = listOf(
  object<IConnectable>("a security group of CDK, a function, or Peer.ipv4('10.0.0.0/16')", 'connections'),
  'security groups, functions and address ranges',
);

const REPLICA_FIELDS: Readonly<Record<keyof ReplicaRegion, z.ZodType>> = {
  region: z.string({ error: "Give the name of a region: { region: 'eu-west-1' }." }),
  encryptionKey: KMS_KEY.optional(),
};

export const REPLICA_REGIONS: z.ZodType<ReplicaRegion[]> = listOf(
  // The type of the map has no key by name, because the type of REPLICA_FIELDS hides the fields.
  mapOf(
    REPLICA_FIELDS,
    "a map with the name of a region: { region: 'eu-west-1' }",
  ) as unknown as z.ZodType<ReplicaRegion>,
  "regions: [{ region: 'eu-west-1' }]",
);

export const ARCHITECTURE: z.ZodCustom<Architecture> = object<Architecture>(
  'Architecture.ARM_64 or Architecture.X86_64',
  'name',
  'dockerPlatform',
);

export const REMOVAL_POLICY: z.ZodEnum<typeof RemovalPolicy> = z.enum(RemovalPolicy, {
  error: 'Give a member of RemovalPolicy, such as RemovalPolicy.RETAIN.',
});

/** @param example A length of time, such as `Duration.days(30)`. */
export const duration = (example: string): z.ZodCustom<Duration> =>
  object<Duration>(`a Duration, such as ${example}`, 'toMilliseconds', 'toHours');
