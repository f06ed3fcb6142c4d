import { median } from '../tables.ts';

/** One rotation, measured in the worker and at the two fronts. */
export interface Rotation {
  /** The four steps together. */
  readonly milliseconds: number;
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

/** The median of each figure over all samples. */
export interface RotationFigures {
  readonly milliseconds: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly changeToCurrentMs: number;
  readonly awsCalls: number;
  readonly clusterRequests: number;
  readonly connections: number;
}

export interface SubjectFigures {
  readonly id: string;
  readonly title: string;
  /** The bytes that a deployment stores, uncompressed. */
  readonly bytes: number;
  readonly loadMs: number;
  /** The first rotation of a process. */
  readonly cold: RotationFigures;
  /** The further rotations of the process. */
  readonly warm: RotationFigures;
}

/** @param about what the samples do not contain. */
export function figuresOf(
  about: Pick<SubjectFigures, 'id' | 'title' | 'bytes'>,
  samples: readonly Sample[],
): SubjectFigures {
  return {
    ...about,
    loadMs: median(samples.map(({ loadMs }) => loadMs)),
    cold: rotationFigures(samples.map(({ cold }) => cold)),
    warm: rotationFigures(samples.flatMap(({ warm }) => warm)),
  };
}

function rotationFigures(rotations: readonly Rotation[]): RotationFigures {
  const over = (figure: (rotation: Rotation) => number): number => median(rotations.map(figure));
  return {
    milliseconds: over(({ milliseconds }) => milliseconds),
    cpuMs: over(({ cpuMs }) => cpuMs),
    peakBytes: over(({ peakBytes }) => peakBytes),
    changeToCurrentMs: over(({ changeToCurrentMs }) => changeToCurrentMs),
    awsCalls: over(({ awsCalls }) => awsCalls.length),
    clusterRequests: over(({ clusterRequests }) => clusterRequests.length),
    connections: over(({ connections }) => connections),
  };
}
