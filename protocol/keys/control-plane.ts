/**
 * What a key may do. The names of the roles are the service's own, and no code interprets them,
 * except `Owner`. ASSUMPTION keys-scope
 */
export interface KeyScope {
  /** `Member`, `Billing-Admin` or `Owner`. */
  readonly orgRole: string;
  readonly projects: readonly ProjectScope[];
}

export interface ProjectScope {
  readonly projectId: string;
  readonly role: string;
  readonly allCluster: boolean;
  /** Sorted. */
  readonly clusterIds: readonly string[];
  readonly allVolume: boolean;
  /** Sorted. */
  readonly volumeIds: readonly string[];
}

/** What the control plane creates an API key from. */
export interface NewKey {
  readonly name: string;
  readonly description: string;
  readonly scope: KeyScope;
}

/** An API key without its text, which the control plane tells only once. */
export interface DescribedKey extends NewKey {
  readonly id: string;
  /** Milliseconds since the epoch. `undefined`: the control plane tells no date. */
  readonly createdAt: number | undefined;
}

export interface CreatedKey {
  readonly id: string;
  /** The secret text. */
  readonly key: string;
}

/**
 * The API keys of one organization, seen with a manager key. Port: what the control plane answers
 * is a value. If it gives no usable answer or refuses the caller, that is an exception, of class
 * {@link ControlPlaneError}.
 *
 * `create` sends one request and never retries: after an exception, the key may exist. The other
 * methods may be repeated.
 */
export interface ControlPlane {
  /**
   * Every customized key of the organization, in any order. Names need not be unique.
   * ASSUMPTION keys-names
   */
  list(): Promise<readonly DescribedKey[]>;
  create(key: NewKey): Promise<CreatedKey>;
  /** `gone`: the organization has no such key. */
  delete(id: string): Promise<'deleted' | 'gone'>;
}

/** The message names the request and the code of the control plane, and never holds a key. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError' as const;
  /**
   * `unavailable`: no usable answer, so a retry may help, and a creation may have happened.
   * `rejected`: the manager key is unknown. `forbidden`: the manager key may not do this.
   * `refused`: any other answer that is no success.
   */
  readonly kind: 'unavailable' | 'rejected' | 'forbidden' | 'refused';

  constructor(kind: ControlPlaneError['kind'], explanation: string) {
    super(explanation);
    this.kind = kind;
  }
}

/** The documented path after `/v2/`, and the one that the Terraform provider calls. */
export const CONTROL_PLANE_PATHS = ['api-keys', 'apiKeys'] as const;

/** What may differ between installations of the control plane. */
export interface ControlPlaneSettings {
  /** Without a slash at its end: `https://api.cloud.zilliz.com`. */
  readonly url: string;
  readonly path: (typeof CONTROL_PLANE_PATHS)[number];
  /** Values of `code` in an answer that mean success. */
  readonly successCodes: readonly number[];
}

/**
 * 0 is documented, and older calls of the control plane answer 200.
 * ASSUMPTION keys-address, ASSUMPTION keys-codes
 */
export const DEFAULT_CONTROL_PLANE: ControlPlaneSettings = {
  url: 'https://api.cloud.zilliz.com',
  path: 'api-keys',
  successCodes: [0, 200],
};

/** The control planes of Zilliz Cloud, the second one for clusters in China. */
export const CONTROL_PLANE_HOSTS: readonly string[] = ['api.cloud.zilliz.com', 'api.cloud.zilliz.com.cn'];

/** How many customized keys an organization can have. ASSUMPTION keys-quota */
export const MAX_KEYS = 100;
