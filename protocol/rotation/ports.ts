import type { Cluster } from '../cluster/cluster.ts';
import type { EndpointRules } from '../cluster/endpoint.ts';
import type { LoginClock } from '../cluster/login.ts';
import type { AccountAndRegion, SecretPattern, SecretTargets } from '../secret/rotated-secrets.ts';
import type { SecretStore } from '../secret/secret-store.ts';
import type { Progress } from './progress.ts';

export interface InvocationClock extends LoginClock {
  /** Milliseconds until Lambda stops the invocation. */
  remaining(): number;
  /** Milliseconds since the epoch. */
  date(): number;
}

export interface RotationSettings {
  readonly endpointRules: EndpointRules;
  /**
   * The secrets that this function rotates. `undefined` refuses no secret and leaves the decision
   * to IAM.
   */
  readonly rotatedSecrets: readonly SecretPattern[] | undefined;
  readonly functionPlace: AccountAndRegion;
  /**
   * ARN of the secret with the admin credential, with or without its suffix. The function never
   * rotates it.
   */
  readonly adminSecretArn: string | undefined;
  readonly secretTargets: SecretTargets;
  /**
   * The endpoint of secrets that name none in their value, in the tag `zilliz:endpoint` or in
   * their target.
   */
  readonly defaultEndpoint: string | undefined;
  /** Milliseconds that one request to the cluster may take. */
  readonly clusterTimeoutMs: number;
  /** Milliseconds that a changed password may need to reach every proxy of the cluster. */
  readonly propagationMs: number;
  /**
   * Milliseconds for which a credential that was replaced stays valid, at least. Only for a secret
   * whose users take turns.
   */
  readonly minimumGapMs: number;
}

/** Everything outside the protocol that a rotation calls. */
export interface RotationPorts {
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly newPassword: () => string;
  /** Reads the admin secret from Secrets Manager. `undefined`: no admin secret is configured. */
  readonly readAdmin: (() => Promise<string>) | undefined;
  readonly clock: InvocationClock;
  readonly report: (progress: Progress) => void;
  readonly settings: RotationSettings;
}
