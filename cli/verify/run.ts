import type { Admin, Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Endpoint, Transport } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlane, DescribedKey } from '../../protocol/keys/control-plane.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import type { DeployedFunction } from '../aws/deployed-function.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { UndecidedError } from './observation.ts';
import type { VerifyOptions } from './verify-definition.ts';

export interface VerifyPorts extends ChangePorts {
  readonly options: VerifyOptions;
}

/** What is known before the temporary credential. */
export interface Setup extends VerifyPorts {
  /** Of the temporary secret. */
  readonly name: string;
  /** Of the secret with its pins. `undefined`: it needs none. */
  readonly pinsName: string | undefined;
  readonly deployed: DeployedFunction;
  readonly endpoint: Endpoint;
  /** The cluster over each transport that is asked for. */
  readonly clusters: Map<Transport, Cluster>;
}

export interface TemporaryKeys {
  /** Of the function's manager key. */
  readonly organization: ControlPlane;
  /** The organization, asked with another manager key. */
  readonly askedWith: (managerKey: string) => ControlPlane;
  /** The key whose role and scope the temporary keys have. */
  readonly like: DescribedKey;
}

/** A user that an admin creates, two throw-away users, or an API key. */
export interface TemporaryCredential {
  /** Creates and drops the user. */
  readonly admin?: Admin;
  /** `undefined`: the credential is a cluster user. */
  readonly keys?: TemporaryKeys;
  /** The step of the plan that creates it. */
  readonly step: string;
  /** By which a later command finds it. */
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Creates it, after the secret whose tags name it.
   *
   * @throws FailureError, AwsError, ControlPlaneError
   */
  readonly create: (secret: Pick<RotatingSecret, 'arn' | 'name'>) => Promise<CreatedCredential>;
}

interface CreatedCredential {
  /** The credential of the checks, as the cluster knows it. */
  direct: Credentials;
  /** The credential in the secret. The same user, unless the operator names two users. */
  stored: Credentials;
}

/** The state that the checks share. */
export interface Run extends Setup, Pick<TemporaryCredential, 'admin' | 'keys'>, CreatedCredential {
  readonly secret: Pick<RotatingSecret, 'arn' | 'name'>;
  readonly store: SecretStore;
  /** When the command created the secret, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The version of the completed rotation. */
  rotatedId?: string | undefined;
  /** The date that Secrets Manager shows since then. */
  rotatedAt?: number | undefined;
  /** The version of the rotation that failed on purpose. */
  failedId?: string | undefined;
}

/** Stores the present credential as a new version with these labels. @returns its id */
export async function storeCredential(
  { store, stored: { endpoint, ...credential }, randomId }: Pick<Run, 'store' | 'stored' | 'randomId'>,
  labels: readonly string[],
): Promise<string> {
  const versionId = randomId();
  await store.put({ versionId, value: newDocument({ ...credential, endpoint: endpoint.url }), labels });
  return versionId;
}

/** @throws UndecidedError */
export function requireStarted(start: RotationStart): void {
  if (start.kind === 'refused') {
    throw new UndecidedError(`RotateSecret is refused (${start.reason}).`);
  }
}
