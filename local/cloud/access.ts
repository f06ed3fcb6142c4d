import type { MilvusAddress } from '../milvus/milvus-client.ts';

/** A Milvus server and the login that may do everything on it. */
export interface MilvusAccess extends MilvusAddress {
  /** The password of user `root`. */
  readonly rootPassword: string;
}

/** The two servers: a server speaks either TLS or plain text. */
export type MilvusName = 'tls' | 'plaintext';

/** All that one needs in order to use a running local cloud, from any process. Plain data: it survives JSON. */
export interface LocalCloudAccess {
  /** Everything that the cloud writes, logs included; gone once it is stopped. */
  readonly stateDir: string;
  /** Endpoint of the AWS emulator. */
  readonly awsUrl: string;
  readonly milvus: Readonly<Record<MilvusName, MilvusAccess>>;
  /** The private authority that signed the certificate of the TLS server: a PEM file. */
  readonly caFile: string;
}

/** The account and the region of the local cloud. The emulator takes any key for its root user's. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';

/** What AWS tools, SDKs and the CDK read in order to talk to the local cloud and to nothing else. */
export function awsEnvironment(access: LocalCloudAccess): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: access.awsUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: LOCAL_REGION,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    // Without these a profile or a role of this machine could get in between.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: LOCAL_ACCOUNT,
    CDK_DEFAULT_REGION: LOCAL_REGION,
  };
}
