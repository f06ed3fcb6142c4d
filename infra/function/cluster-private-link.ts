import {
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type InterfaceVpcEndpointOptions,
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
import { type Endpoint, parseEndpoint } from '../../cluster/endpoint.ts';
import { RotationPropsError } from '../errors.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { PRIVATE_LINK_ENDPOINTS, PRIVATE_LINK_SERVICE } from '../rules/shared-fields.ts';

export interface ClusterPrivateLinkProps {
  readonly vpc: IVpc;

  /**
   * Service name that the Zilliz Cloud console shows under "Private Endpoint":
   * `com.amazonaws.vpce.REGION.vpce-svc-…`.
   */
  readonly serviceName: string;

  /**
   * Endpoints of the clusters behind the service, as their secrets name them:
   * `https://host[:port]`. Each host gets a private hosted zone. Its name then resolves to the
   * interface endpoint, and its certificate stays valid.
   */
  readonly endpoints: readonly string[];

  /**
   * Subnets of the interface endpoints.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Creates an interface endpoint for Secrets Manager too. Without that endpoint and without a NAT
   * gateway, a function in the VPC cannot reach its secrets. Give `false` if the VPC has either.
   * The security group then allows traffic to port 443 of any address, because the construct does
   * not know the address of Secrets Manager.
   *
   * @default true
   */
  readonly secretsManagerEndpoint?: boolean;
}

/**
 * AWS PrivateLink from a VPC to clusters on Zilliz Cloud and to Secrets Manager. Give the rotation
 * function `securityGroups: [privateLink.securityGroup]`, which allows traffic to these endpoints
 * only.
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
  /**
   * Security group for the function. Allows outbound traffic to the interface endpoints; see
   * `secretsManagerEndpoint`.
   */
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, props: ClusterPrivateLinkProps) {
    super(scope, id);
    const { vpc } = props;
    const checked = new CheckedProps(this);
    checked.prop('serviceName', props.serviceName, PRIVATE_LINK_SERVICE);
    checked.prop('endpoints', props.endpoints, PRIVATE_LINK_ENDPOINTS);
    const clusters = props.endpoints.map((endpoint) => this.#parseEndpoint(endpoint));
    this.securityGroup = new SecurityGroup(this, 'FunctionSecurityGroup', {
      vpc,
      description: 'Rotation function: out to the cluster and to Secrets Manager',
      allowAllOutbound: false,
    });
    const clusterEndpoint = this.#addInterfaceEndpoint('Cluster', props, {
      service: new InterfaceVpcEndpointService(props.serviceName),
      // The service of Zilliz Cloud has no DNS name. The zones below map the names of the clusters
      // to it.
      privateDnsEnabled: false,
      ports: clusters.map(({ port }) => port),
    });
    for (const host of new Set(clusters.map((cluster) => cluster.host))) {
      const zone = new PrivateHostedZone(this, `Zone-${host}`, { vpc, zoneName: host });
      const target = RecordTarget.fromAlias(new InterfaceVpcEndpointTarget(clusterEndpoint));
      new ARecord(this, `Record-${host}`, { zone, target });
    }
    if (props.secretsManagerEndpoint ?? true) {
      this.#addInterfaceEndpoint('SecretsManager', props, {
        service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        privateDnsEnabled: true,
        ports: [443],
      });
    } else {
      this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Secrets Manager');
    }
  }

  #addInterfaceEndpoint(
    id: string,
    { vpc, vpcSubnets: subnets }: ClusterPrivateLinkProps,
    { ports, ...options }: InterfaceVpcEndpointOptions & { readonly ports: readonly number[] },
  ): InterfaceVpcEndpoint {
    const securityGroup = new SecurityGroup(this, `${id}SecurityGroup`, {
      vpc,
      description: `Interface endpoint ${id}: in from the rotation function`,
      allowAllOutbound: false,
    });
    for (const port of new Set(ports)) {
      securityGroup.connections.allowFrom(this.securityGroup, Port.tcp(port), 'Rotation function');
    }
    return new InterfaceVpcEndpoint(this, `${id}Endpoint`, {
      ...options,
      vpc,
      securityGroups: [securityGroup],
      // By default, CDK allows traffic from the whole VPC.
      open: false,
      ...(subnets && { subnets }),
    });
  }

  #parseEndpoint(endpoint: string): Endpoint {
    const host = URL.parse(endpoint)?.hostname ?? '';
    try {
      return parseEndpoint(endpoint, { allowed: [host], allowPlaintext: false });
    } catch (error) {
      throw new RotationPropsError(this, (error as Error).message);
    }
  }
}
