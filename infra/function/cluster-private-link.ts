import { Annotations, Fn, Stack } from 'aws-cdk-lib';
import {
  type IConnectable,
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
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ARecord, PrivateHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { InterfaceVpcEndpointTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { parseAnyEndpoint } from '../../protocol/cluster/endpoint.ts';
import { checkProps } from '../rules/check-props.ts';
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
   * Other clients of the clusters in the VPC: security groups, functions, address ranges
   * (`Peer.ipv4('10.0.0.0/16')`). The private hosted zones apply to the whole VPC, and the
   * interface endpoint admits only the rotation function and these clients. Give an empty list if
   * there are no other clients.
   *
   * @default - only the rotation function, with a warning at synth
   */
  readonly allowFrom?: readonly IConnectable[];

  /**
   * Creates an interface endpoint for Secrets Manager too. Without that endpoint and without a NAT
   * gateway, a function in the VPC cannot reach its secrets. The endpoint has no private DNS, so
   * other workloads do not use it; the rotation function gets its name. Give `false` if the VPC
   * has an endpoint or a NAT gateway. The security group then allows traffic to port 443 of any
   * address, because the construct does not know the address of Secrets Manager.
   *
   * @default true
   */
  readonly secretsManagerEndpoint?: boolean;
}

/**
 * AWS PrivateLink from a VPC to clusters on Zilliz Cloud and to Secrets Manager. Give the rotation
 * function the security group of this construct. By default, the group allows traffic only to the
 * interface endpoints of the clusters and of Secrets Manager. A function with this group calls
 * Secrets Manager through its interface endpoint.
 *
 * @see https://docs.zilliz.com/docs/setup-a-private-link-aws
 *
 * @example
 * const endpoints = ['https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530'];
 * const serviceName = 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0';
 * const privateLink = new ClusterPrivateLink(this, 'PrivateLink', {
 *   vpc,
 *   serviceName,
 *   endpoints,
 *   allowFrom: [applicationSecurityGroup],
 * });
 * const securityGroups = [privateLink.securityGroup];
 * const rotationFunction = new RotationFunction(this, 'RotationFunction', { vpc, securityGroups });
 * new RotationAlarms(this, 'Alarms', { rotationFunction });
 */
export class ClusterPrivateLink extends Construct {
  /**
   * Security group for the function. Allows outbound traffic to the interface endpoints; see
   * `secretsManagerEndpoint`.
   */
  readonly securityGroup: SecurityGroup;

  /** Interface endpoint of the clusters. */
  readonly clusterEndpoint: InterfaceVpcEndpoint;

  /** Interface endpoint of Secrets Manager, without private DNS. It admits the function only. */
  readonly secretsManagerEndpoint: InterfaceVpcEndpoint | undefined;

  constructor(scope: Construct, id: string, props: ClusterPrivateLinkProps) {
    super(scope, id);
    checkProps(this, props, { serviceName: PRIVATE_LINK_SERVICE, endpoints: PRIVATE_LINK_ENDPOINTS });
    const { vpc } = props;
    const clusters = props.endpoints.map((endpoint) => parseAnyEndpoint(endpoint, { allowPlaintext: false }));
    this.securityGroup = new SecurityGroup(this, 'FunctionSecurityGroup', {
      vpc,
      description: 'Rotation function: out to the cluster and to Secrets Manager',
      allowAllOutbound: false,
    });
    const hosts = new Set(clusters.map(({ host }) => host));
    this.clusterEndpoint = this.#addInterfaceEndpoint('Cluster', props, {
      service: new InterfaceVpcEndpointService(props.serviceName),
      // The service of Zilliz Cloud has no DNS name. The zones below map the names of the clusters
      // to it.
      privateDnsEnabled: false,
      ports: clusters.map(({ port }) => port),
      clients: props.allowFrom ?? [],
    });
    for (const host of hosts) {
      const zone = new PrivateHostedZone(this, `Zone-${host}`, { vpc, zoneName: host });
      const target = RecordTarget.fromAlias(new InterfaceVpcEndpointTarget(this.clusterEndpoint));
      new ARecord(this, `Record-${host}`, { zone, target });
    }
    if (props.allowFrom === undefined) {
      Annotations.of(this).addWarningV2(
        'zilliz-secret-rotation:privateLinkWithoutClients',
        `Every workload in the VPC resolves ${[...hosts].join(', ')} to an interface endpoint that admits only ` +
          'the rotation function. Give the other clients of the clusters as allowFrom (clientSecurityGroupIds in a ' +
          'configuration file), or an empty list if there are none.',
      );
    }
    if (props.secretsManagerEndpoint ?? true) {
      this.secretsManagerEndpoint = this.#addInterfaceEndpoint('SecretsManager', props, {
        service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        // With private DNS, every workload in the VPC would use this endpoint, which refuses all
        // but the function. A VPC also takes only one such endpoint.
        privateDnsEnabled: false,
        ports: [443],
        clients: [],
      });
      // By default, code in the function could send a password to a secret of a stranger.
      this.secretsManagerEndpoint.addToPolicy(
        new PolicyStatement({
          principals: [new AnyPrincipal()],
          actions: ['secretsmanager:*'],
          resources: ['*'],
          conditions: { StringEquals: { 'aws:PrincipalAccount': Stack.of(this).account } },
        }),
      );
    } else {
      this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Secrets Manager');
    }
  }

  /**
   * URL of the Secrets Manager endpoint:
   * `https://vpce-….secretsmanager.REGION.vpce.amazonaws.com`. The rotation function gets it as
   * `AWS_ENDPOINT_URL_SECRETS_MANAGER`, which the AWS SDK reads.
   */
  get secretsManagerUrl(): string | undefined {
    // The first entry is HOSTED-ZONE:NAME, with the name for all zones.
    const entry = this.secretsManagerEndpoint && Fn.select(0, this.secretsManagerEndpoint.vpcEndpointDnsEntries);
    return entry && `https://${Fn.select(1, Fn.split(':', entry))}`;
  }

  #addInterfaceEndpoint(
    id: string,
    { vpc, vpcSubnets: subnets }: ClusterPrivateLinkProps,
    {
      ports,
      clients,
      ...options
    }: InterfaceVpcEndpointOptions & { readonly ports: readonly number[]; readonly clients: readonly IConnectable[] },
  ): InterfaceVpcEndpoint {
    const securityGroup = new SecurityGroup(this, `${id}SecurityGroup`, {
      vpc,
      description: `Interface endpoint ${id}: in from the rotation function`,
      allowAllOutbound: false,
    });
    for (const port of new Set(ports)) {
      securityGroup.connections.allowFrom(this.securityGroup, Port.tcp(port), 'Rotation function');
      for (const client of clients) {
        securityGroup.connections.allowFrom(client, Port.tcp(port), 'Client of the clusters');
      }
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
}
