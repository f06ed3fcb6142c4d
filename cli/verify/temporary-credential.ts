import type { Admin, Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlane, DescribedKey } from '../../protocol/keys/control-plane.ts';
import { ENDPOINT_TAG, newDocument } from '../../protocol/secret/document.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Deployed } from './deployed.ts';
import type { VerifyOptions } from './verify-definition.ts';

/** The tag of everything temporary. Its value says what the secret holds. */
export const VERIFY_TAG = 'zilliz:verify';
/** The tag with the cluster user that the command creates. */
export const USER_TAG = 'zilliz:verify-user';

/** What the command uses besides the target. */
export interface VerifyPorts extends CommandPorts {
  readonly aws: Aws;
  readonly adminCluster: AdminCluster;
}

/** What is known before the temporary credential. */
export interface Setup {
  readonly options: VerifyOptions;
  readonly ports: VerifyPorts;
  readonly deployed: Deployed;
  readonly endpoint: Endpoint;
  readonly cluster: Cluster;
}

/** An API key of the temporary secret, and the organization that has the key. */
export interface TemporaryKeys {
  readonly organization: ControlPlane;
  /** The organization, asked with another manager key. */
  readonly askedWith: (managerKey: string) => ControlPlane;
  readonly like: DescribedKey;
}

/**
 * Everything in which a user that the admin creates, two throw-away users and an API key differ.
 */
export interface TemporaryCredential {
  /** Creates and drops the user. */
  readonly admin?: Admin;
  /** The function rotates a key only with pins. `undefined`: the credential is a cluster user. */
  readonly keys?: TemporaryKeys;
  /** The step of the plan that creates the credential. */
  readonly creation: string;
  /** How the secret is created. */
  readonly initial: { readonly value: string; readonly tags: Readonly<Record<string, string>> };
  /**
   * Creates what the secret holds, after the secret.
   *
   * @throws FailureError, AwsError, SecretStoreError, ControlPlaneError
   */
  readonly create: (secret: Pick<RotatingSecret, 'arn' | 'name'>) => Promise<CreatedCredential>;
}

export interface CreatedCredential {
  /** The credential of the checks, as the cluster knows it. */
  direct: Credentials;
  /** The credential in the secret. The same user, unless the operator names two users. */
  stored: Credentials;
}

/** The tags by which a later command finds what this one created. */
export function tagsOf(kind: 'user' | 'key' | 'pins', user?: Credentials): Readonly<Record<string, string>> {
  return { [VERIFY_TAG]: kind, ...(user && { [USER_TAG]: user.username, [ENDPOINT_TAG]: user.endpoint.url }) };
}

export function documentOf({ endpoint, ...credential }: Credentials): string {
  return newDocument({ ...credential, endpoint: endpoint.url });
}

/** Random hexadecimal digits, at most 32. */
export function hexDigits({ randomId }: Pick<CommandPorts, 'randomId'>, count: number): string {
  return randomId().replaceAll('-', '').slice(-count);
}

/** A name that no user has. The cluster compares the names of users byte by byte. */
export function unknownName(ports: Pick<CommandPorts, 'randomId'>): string {
  return `zunknown_${hexDigits(ports, 20)}`;
}
