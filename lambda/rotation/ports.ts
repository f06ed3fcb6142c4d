import type { Cluster, Credentials } from '../../cluster/cluster.ts';
import type { EndpointRules } from '../../cluster/endpoint.ts';
import type { SecretPattern, SecretTargets } from '../../secret/rotated-secrets.ts';
import type { SecretStore } from '../../secret/store.ts';
import type { Progress } from './progress.ts';

/** Time as the rotation may know it. */
export interface Clock {
  /** Milliseconds, from any origin, never backwards. */
  now(): number;
  /** Milliseconds until the invocation is ended from outside. */
  remaining(): number;
  wait(milliseconds: number): Promise<void>;
}

export interface RotationSettings {
  readonly endpointRules: EndpointRules;
  /** The secrets that this function rotates. `undefined` refuses no secret and leaves the decision to IAM. */
  readonly rotatedSecrets: readonly SecretPattern[] | undefined;
  /** The account of secrets that are named without one. */
  readonly functionAccount: string;
  readonly secretTargets: SecretTargets;
  /** Endpoint of secrets that name none, neither in their value nor by the tag `zilliz:endpoint`. */
  readonly defaultEndpoint: string | undefined;
  /** Milliseconds that one request to the cluster may take. */
  readonly clusterTimeoutMs: number;
  /** Milliseconds that a changed password may need to reach every proxy of the cluster. */
  readonly propagationMs: number;
}

/** All that a rotation reaches outside itself. */
export interface RotationPorts {
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly newPassword: () => string;
  /** Reads the second credential for the case that no stored one is in force; `undefined` when none is configured. */
  readonly readAdmin: (() => Promise<string>) | undefined;
  readonly clock: Clock;
  readonly report: (progress: Progress) => void;
  readonly settings: RotationSettings;
}

/** A stored version that was read, understood and found fit to be tried. */
export interface StoredCredential {
  readonly versionId: string;
  readonly credentials: Credentials;
  /** The stored text with another password in it. */
  readonly withPassword: (password: string) => string;
}
