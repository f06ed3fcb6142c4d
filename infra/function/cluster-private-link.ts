import {
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  InterfaceVpcEndpointService,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { ARecord, PrivateHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { InterfaceVpcEndpointTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { RotationPropsError } from '../errors.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { NO_ENDPOINT, SERVICE_NAME } from '../rules/forms.ts';

export interface ClusterPrivateLinkProps {
  readonly vpc: IVpc;

  /**
   * Service name that the console of Zilliz Cloud shows under "Private Endpoint": `com.amazonaws.vpce.REGION.vpce-svc-…`.
   */
  readonly serviceName: string;

  /**
   * Endpoints of the clusters behind the service, as their secrets name them: `https://host[:port]`. Each host gets a
   * private zone, so that its name, and with it the certificate, stays the same inside the VPC.
   */
  readonly endpoints: readonly string[];

  /**
   * Subnets of the interface endpoints.
   *
   * @default - the private ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Makes an interface endpoint of Secrets Manager too: without one, and without a NAT gateway, a function in the VPC cannot reach its secrets.
   * With `false`, for a VPC that has either, the security group lets the function out to port 443 of any address: where
   * Secrets Manager is reached is not known here.
   *
   * @default true
   */
  readonly secretsManagerEndpoint?: boolean;
}

/**
 * The private way from a VPC to clusters on Zilliz Cloud, and to Secrets Manager. Give `securityGroups: [privateLink.securityGroup]`
 * to the rotation function: it lets the function out to these endpoints and nowhere else.
 *
 * @see https://docs.zilliz.com/docs/setup-a-private-link-aws
 *
 * @example
 * const endpoints = ['https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530'];
 * const serviceName = 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0';
 * const privateLink = new ClusterPrivateLink(this, 'PrivateLink', { vpc, serviceName, endpoints });
 * new RotationFunction(this, 'RotationFunction', { vpc, securityGroups: [privateLink.securityGroup] });
 */
export class ClusterPrivateLink extends Construct {
  /** For the function: outbound to the two endpoints, and to nothing else; see `secretsManagerEndpoint`. */
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: ClusterPrivateLinkProps) {
    super(scope, id);
    const { vpc, vpcSubnets } = props;
    new CheckedProps(this).form('serviceName', props.serviceName, SERVICE_NAME);
    if (props.endpoints.length === 0) {
      throw new RotationPropsError(this, `endpoints: [] ${NO_ENDPOINT}`);
    }
    this.securityGroup = new SecurityGroup(this, 'FunctionSecurityGroup', {
      vpc,
      description: 'Rotation function: out to the cluster and to Secrets Manager',
      allowAllOutbound: false,
    });
    const clusters = props.endpoints.map((endpoint) => this.#parse(endpoint));
    const cluster = this.#endpoint('Cluster', vpc, vpcSubnets, {
      service: new InterfaceVpcEndpointService(props.serviceName),
      // Zilliz's service has no name of its own; the zones below give it those of the clusters.
      privateDnsEnabled: false,
      ports: [...new Set(clusters.map(({ port }) => port))],
    });
    for (const host of new Set(clusters.map((at) => at.host))) {
      const zone = new PrivateHostedZone(this, `Zone-${host}`, { vpc, zoneName: host });
      new ARecord(this, `Record-${host}`, {
        zone,
        target: RecordTarget.fromAlias(new InterfaceVpcEndpointTarget(cluster)),
      });
    }
    if (props.secretsManagerEndpoint ?? true) {
      this.#endpoint('SecretsManager', vpc, vpcSubnets, {
        service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        privateDnsEnabled: true,
        ports: [443],
      });
    } else {
      this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Secrets Manager');
    }
  }

  #endpoint(
    id: string,
    vpc: IVpc,
    subnets: SubnetSelection | undefined,
    to: {
      service: InterfaceVpcEndpointService | InterfaceVpcEndpointAwsService;
      privateDnsEnabled: boolean;
      ports: number[];
    },
  ): InterfaceVpcEndpoint {
    const securityGroup = new SecurityGroup(this, `${id}SecurityGroup`, {
      vpc,
      description: `Interface endpoint ${id}: in from the rotation function`,
      allowAllOutbound: false,
    });
    for (const port of to.ports) {
      securityGroup.connections.allowFrom(this.securityGroup, Port.tcp(port), 'Rotation function');
    }
    return new InterfaceVpcEndpoint(this, `${id}Endpoint`, {
      vpc,
      service: to.service,
      privateDnsEnabled: to.privateDnsEnabled,
      securityGroups: [securityGroup],
      // Only the security groups decide who comes in; CDK would open it to the whole VPC.
      open: false,
      ...(subnets && { subnets }),
    });
  }

  #parse(endpoint: string): { host: string; port: number } {
    const host = URL.parse(endpoint)?.hostname ?? '';
    try {
      return parseEndpoint(endpoint, { allowed: [host], allowPlaintext: false });
    } catch (error) {
      throw new RotationPropsError(this, (error as Error).message);
    }
  }
}
