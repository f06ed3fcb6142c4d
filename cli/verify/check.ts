import type { Admin, Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlane, DescribedKey } from '../../protocol/keys/control-plane.ts';
import type { FunctionConfig } from '../../protocol/rotation/function-config.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { CommandPorts } from '../command-ports.ts';

export type Verdict = 'holds' | 'differs' | 'not checked';

/** What a check has seen. `seen` has codes, numbers and times, and no name or text of a service. */
export interface Observation {
  readonly verdict: Verdict;
  readonly seen: string;
  /** Whether a failure prevented the check, so that another run may decide it. */
  readonly isBlocked?: true;
}

export function differs(seen: string): Observation {
  return { verdict: 'differs', seen };
}

export function holdsIf(isTrue: boolean, seen: string): Observation {
  return { verdict: isTrue ? 'holds' : 'differs', seen };
}

export function notChecked(reason: string): Observation {
  return { verdict: 'not checked', seen: reason };
}

export function blocked(reason: string): Observation {
  return { verdict: 'not checked', seen: reason, isBlocked: true };
}

/** What a check needs: an option, or a version that an earlier check leaves. */
export type Need = 'user' | 'keys' | 'slow' | 'rotatedId' | 'failedId';

export interface Check {
  /** Ids of the register that one observation decides. */
  readonly covers: readonly string[];
  readonly needs: readonly Need[];
  readonly run: (rotation: TemporaryRotation) => Promise<Observation>;
}

/** @param covers with spaces between the ids */
export function check(covers: string, needs: Check['needs'], run: Check['run']): Check {
  return { covers: covers.split(' '), needs, run };
}

/** An API key of the temporary secret, and the organization that has the key. */
export interface TemporaryKeys {
  readonly organization: ControlPlane;
  /** The organization, asked with a manager key that nobody has. */
  readonly stranger: ControlPlane;
  readonly like: DescribedKey;
}

/** The state that the checks share. Each check leaves it usable for the next one. */
export interface TemporaryRotation extends Pick<CommandPorts, 'clock' | 'interrupted' | 'randomId' | 'newPassword'> {
  readonly aws: Aws;
  readonly functionArn: string;
  readonly config: FunctionConfig;
  readonly secret: Pick<RotatingSecret, 'arn' | 'name'>;
  readonly store: SecretStore;
  /** When the rotation began, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly clusters: Readonly<Record<Transport, Cluster>>;
  readonly transport: Transport;
  readonly adminCluster: AdminCluster;
  readonly admin: Admin | undefined;
  readonly keys: TemporaryKeys | undefined;
  /** The credential of the checks on the cluster, as the cluster knows it. */
  direct: Credentials;
  /** The credential in the secret. The same user, unless the operator names two users. */
  stored: Credentials;
  /** Whether the endpoint serves REST v2. */
  servesRest: boolean;
  /** The version of the completed rotation. */
  rotatedId?: string | undefined;
  /** The date that Secrets Manager shows since then. */
  rotatedAt?: number | undefined;
  /** The version of the rotation that failed on purpose. */
  failedId?: string | undefined;
}
