import * as z from 'zod';
import { NO_ENDPOINT, SERVICE_NAME } from '../rules/forms.ts';
import type { VpcConfiguration } from './configuration.ts';
import { endpoint, flag, map, text } from './fields.ts';

const privateLink = map({
  serviceName: text(SERVICE_NAME.pattern, SERVICE_NAME.allowed).describe('The endpoint service of Zilliz Cloud.'),
  endpoints: z
    .array(endpoint(), { error: 'Write a list of endpoints of clusters.' })
    .min(1, { error: NO_ENDPOINT })
    .describe('Endpoints of the clusters behind it, as their secrets name them. Each host gets a private zone.'),
  secretsManagerEndpoint: flag()
    .exactOptional()
    .describe('Makes an interface endpoint of Secrets Manager too. Default: true.'),
});

export const vpcSchema: z.ZodType<VpcConfiguration> = map({
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'Write the id of a VPC: vpc-0123456789abcdef0.').describe('The VPC.'),
  subnetIds: z
    .array(text(/^subnet-[0-9a-f]{8,17}$/, 'Write the id of a subnet: subnet-0123456789abcdef0.'), {
      error: 'Write a list of subnets.',
    })
    .min(1, { error: 'At least one subnet is needed, better two in different zones.' })
    .describe('Its subnets for the function.'),
  securityGroupIds: z
    .array(text(/^sg-[0-9a-f]{8,17}$/, 'Write the id of a security group: sg-0123456789abcdef0.'), {
      error: 'Write a list of security groups.',
    })
    .min(1, { error: 'An empty list is none. Name a security group, or leave the list out for a new one.' })
    .exactOptional()
    .describe(
      'Security groups of the function; outbound 443 to Secrets Manager and the port of the cluster are enough. Default: with privateLink, one that leads there and nowhere else; without, a new one that lets everything out and nothing in.',
    ),
  privateLink: privateLink
    .exactOptional()
    .describe('Makes the private way to clusters on Zilliz Cloud, and to Secrets Manager. Default: none is made.'),
});
