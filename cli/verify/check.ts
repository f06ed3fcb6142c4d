import type { Admin, Cluster, Credentials } from '../../protocol/cluster/cluster.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlane, DescribedKey } from '../../protocol/keys/control-plane.ts';
import type { FunctionConfig } from '../../protocol/rotation/function-config.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { CommandPorts } from '../command-ports.ts';

/**
 * - `undecided`: the check was asked for, and something prevented it. Another run may decide it.
 * - `not checked`: the check was not asked for, or there is none.
 */
export type Verdict = 'holds' | 'differs' | 'undecided' | 'not checked';

/** What a check has seen. `seen` has codes, numbers and times, and no name or text of a service. */
export interface Observation {
  readonly verdict: Verdict;
  readonly seen: string;
}

export function holdsIf(isTrue: boolean, seen: string): Observation {
  return { verdict: isTrue ? 'holds' : 'differs', seen };
}

export function undecided(reason: string): Observation {
  return { verdict: 'undecided', seen: reason };
}

/** What a check needs: an option or a setting, or a version that an earlier check leaves. */
export type Need = 'user' | 'admin' | 'servesRest' | 'keys' | 'defaultAddress' | 'slow' | 'rotatedId' | 'failedId';

export interface Check {
  /** Ids of the register that one observation decides. */
  readonly covers: readonly string[];
  readonly needs: readonly Need[];
  readonly run: (rotation: TemporaryRotation) => Promise<Observation>;
}

/** What a need of the check guarantees. */
export function given<T>(needed: T | undefined): T {
  if (needed === undefined) {
    throw new TypeError('a check lacks what it needs');
  }
  return needed;
}

/** @param covers with spaces between the ids */
export function check(covers: string, needs: Check['needs'], run: Check['run']): Check {
  return { covers: covers.split(' '), needs, run };
}

/** An API key of the temporary secret, and the organization that has the key. */
export interface TemporaryKeys {
  readonly organization: ControlPlane;
  /** The organization, asked with another manager key. */
  readonly askedWith: (managerKey: string) => ControlPlane;
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
  /** Whether to send requests over REST v2 too. */
  servesRest: boolean;
  /** The version of the completed rotation. */
  rotatedId?: string | undefined;
  /** The date that Secrets Manager shows since then. */
  rotatedAt?: number | undefined;
  /** The version of the rotation that failed on purpose. */
  failedId?: string | undefined;
}
