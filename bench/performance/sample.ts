/** One rotation, measured in the worker and at the two fronts. */
export interface Rotation {
  /** The time of each step, in their order. */
  readonly stepMs: readonly number[];
  /** CPU time of the four steps. For a cold rotation: since the process started. */
  readonly cpuMs: number;
  /** Largest resident memory since the process started. */
  readonly peakBytes: number;
  /** The time from the cluster's answer to the change until AWSCURRENT has moved. */
  readonly changeToCurrentMs: number;
  readonly awsCalls: readonly string[];
  readonly clusterRequests: readonly string[];
  /** New connections to the cluster. */
  readonly connections: number;
}

/** A fresh worker: its load, its first rotation and further rotations. */
export interface Sample {
  readonly loadMs: number;
  readonly cold: Rotation;
  readonly warm: readonly Rotation[];
}
