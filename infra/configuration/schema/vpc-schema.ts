import * as z from 'zod';
import { type FieldsOf, flag, list, map, optional, text } from '../../rules/fields.ts';
import { PRIVATE_LINK_ENDPOINTS, PRIVATE_LINK_SERVICE } from '../../rules/shared-fields.ts';

export interface VpcConfiguration {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds?: readonly string[];
  readonly privateLink?: PrivateLinkConfiguration;
}

export interface PrivateLinkConfiguration {
  readonly serviceName: string;
  readonly endpoints: readonly string[];
  readonly secretsManagerEndpoint?: boolean;
  readonly clientSecurityGroupIds?: readonly string[];
}

const securityGroupId = (): z.ZodString =>
  text(/^sg-[0-9a-f]{8,17}$/, 'Write the id of a security group: sg-0123456789abcdef0.');

const privateLinkFields: FieldsOf<PrivateLinkConfiguration> = {
  serviceName: PRIVATE_LINK_SERVICE.describe(
    'Name of the endpoint service. The Zilliz Cloud console shows it under "Private Endpoint".',
  ),
  endpoints: PRIVATE_LINK_ENDPOINTS.describe(
    'Endpoints of the clusters behind the service, as the secrets name them. Each host gets a private hosted zone.',
  ),
  secretsManagerEndpoint: optional(
    flag(),
    'Creates an interface endpoint for Secrets Manager too, which only the function uses. Write `false` if the VPC has an interface endpoint with private DNS or a NAT gateway. Default: `true`.',
  ),
  clientSecurityGroupIds: optional(
    z.array(securityGroupId(), { error: 'Write a list of security groups.' }),
    'Security groups of the other clients of the clusters in the VPC. The interface endpoint refuses every other workload. Write an empty list if there are no other clients. Default: none, with a warning.',
  ),
};

const fields: FieldsOf<VpcConfiguration> = {
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'Write the id of a VPC: vpc-0123456789abcdef0.').describe('Id of the VPC.'),
  subnetIds: list(
    text(/^subnet-[0-9a-f]{8,17}$/, 'Write the id of a subnet: subnet-0123456789abcdef0.'),
    'Write a list of subnets.',
    'Write at least one subnet, or better two in different Availability Zones.',
  ).describe('Subnets of the function.'),
  securityGroupIds: optional(
    list(
      securityGroupId(),
      'Write a list of security groups.',
      'An empty list is not allowed. Write a security group, or remove the key to get a new one.',
    ),
    'Security groups of the function. Required outbound access: port 443 to Secrets Manager, and the port of the cluster. Default: a new group with all outbound traffic; with `privateLink`, a new group with traffic to its endpoints only.',
  ),
  privateLink: optional(
    map(privateLinkFields),
    'Creates a private connection to clusters on Zilliz Cloud and to Secrets Manager. Default: none.',
  ),
};

export const vpcSchema: z.ZodType<VpcConfiguration> = map(fields);
