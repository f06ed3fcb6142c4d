import { median } from '../numbers.ts';
import type { WorkerFigures } from './worker-process.ts';

/** One rotation, measured in the worker and at the two fronts. */
export interface Rotation extends WorkerFigures {
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

/** The median of each figure over all samples. Of calls and requests: of their number. */
export type RotationFigures = Readonly<Record<keyof Rotation, number>>;

export interface SubjectFigures {
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
export function figuresOf(about: Pick<SubjectFigures, 'title' | 'bytes'>, samples: readonly Sample[]): SubjectFigures {
  return {
    ...about,
    loadMs: median(samples.map(({ loadMs }) => loadMs)),
    cold: rotationFigures(samples.map(({ cold }) => cold)),
    warm: rotationFigures(samples.flatMap(({ warm }) => warm)),
  };
}

function rotationFigures(rotations: readonly Rotation[]): RotationFigures {
  const names = Object.keys(rotations[0] ?? {}) as (keyof Rotation)[];
  const over = (name: keyof Rotation): number =>
    median(rotations.map(({ [name]: figure }) => (typeof figure === 'number' ? figure : figure.length)));
  return Object.fromEntries(names.map((name) => [name, over(name)])) as RotationFigures;
}
