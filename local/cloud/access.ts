import type { EndpointRules } from '../../protocol/cluster/endpoint.ts';
import type { MilvusAddress } from '../servers/milvus-client.ts';

/** A Milvus server and its administrator. */
export interface MilvusAccess extends MilvusAddress {
  /** The password of user `root`. */
  readonly rootPassword: string;
  /** REST v2 in front of the server, with the same certificate authority. */
  readonly restEndpoint: string;
}

/**
 * A cluster that accepts API keys, and the control plane of its keys: local/api-keys/key-cloud.ts.
 */
export interface ApiKeyAccess {
  readonly controlPlaneUrl: string;
  /** A key that may create and delete keys. */
  readonly managerKey: string;
  readonly endpoint: string;
  readonly restEndpoint: string;
}

/** The two Milvus servers. One server cannot speak both TLS and plain text. */
export type MilvusName = 'tls' | 'plaintext';

/** The addresses and credentials of a running local cloud, as plain data for any process. */
export interface LocalCloudAccess {
  /** Holds everything that the cloud writes, also its logs. Deleted when the cloud stops. */
  readonly stateDir: string;
  /** Endpoint of the AWS emulator. */
  readonly awsUrl: string;
  readonly milvus: Readonly<Record<MilvusName, MilvusAccess>>;
  /** Its data are those of the Milvus without TLS. */
  readonly apiKeys: ApiKeyAccess;
  /** The PEM file of the private authority that signed the certificate of the TLS server. */
  readonly caFile: string;
  /**
   * The folder of finished bundles of the functions: `rotation/index.js`.
   * @default each synth makes the bundles that it needs
   */
  readonly functionBundles?: string;
}

/** What an endpoint of the local cloud may be. */
export const LOOPBACK: EndpointRules = { allowed: ['127.0.0.1', 'localhost'], allowPlaintext: false };

/** The account and the region of the local cloud. Every access key is the root user's. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';

export interface AwsOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    /** The token of a role's session. */
    readonly sessionToken?: string;
  };
}

/** Client options of an account's root user. */
export function awsOptions(
  { awsUrl }: Pick<LocalCloudAccess, 'awsUrl'>,
  { account = LOCAL_ACCOUNT, region = LOCAL_REGION }: { account?: string; region?: string } = {},
): AwsOptions {
  return { endpoint: awsUrl, region, credentials: { accessKeyId: account, secretAccessKey: 'test' } };
}

/** The variables that direct AWS tools, SDKs and the CDK to the local cloud only. */
export function awsEnvironment(access: Pick<LocalCloudAccess, 'awsUrl'>): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: access.awsUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    // These three variables switch off the profiles and the role of this machine.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: LOCAL_ACCOUNT,
    CDK_DEFAULT_REGION: LOCAL_REGION,
  };
}

/**
 * The variables of {@link awsEnvironment}, and those that direct `zilliz-rotation` to the clusters
 * and the control plane of the local cloud.
 */
export function commandEnvironment(access: LocalCloudAccess): Record<string, string> {
  return {
    ...awsEnvironment(access),
    ALLOWED_ENDPOINTS: '127.0.0.1,localhost',
    CLUSTER_CA_FILE: access.caFile,
    CONTROL_PLANE_URL: access.apiKeys.controlPlaneUrl,
  };
}
