import { STEPS, type Step } from '../../protocol/secret/rotation-step.ts';
import type { Rotation, Sample } from './sample.ts';

/** A figure over all samples. `least` and `most` show how far the samples differ. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The unit is at the end of each name. */
export interface RotationFigures {
  readonly steps: Readonly<Record<Step, Spread>>;
  /** The four steps together. */
  readonly rotationMs: Spread;
  readonly cpuMs: Spread;
  readonly peakBytes: Spread;
  readonly changeToCurrentMs: Spread;
  readonly awsCalls: Spread;
  readonly clusterRequests: Spread;
  readonly connections: Spread;
}

export interface SubjectFigures {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  readonly packages?: string;
  readonly loadMs: Spread;
  /** The first rotation of a process. */
  readonly cold: RotationFigures;
  /** The further rotations of the process. */
  readonly warm: RotationFigures;
}

/** The content of bench/results/performance.json. */
export interface Results {
  /** `2026-11-25` */
  readonly date: string;
  /** The duration of the whole run, with the builds and the start of the servers. */
  readonly seconds: number;
  readonly rounds: number;
  readonly warmRotations: number;
  readonly node: string;
  readonly cores: number;
  readonly subjects: readonly SubjectFigures[];
}

/** The content of bench/results/cli-help.json. */
export interface HelpResults {
  readonly date: string;
  readonly node: string;
  readonly runs: number;
  /** CPU time of `zilliz-rotation --help` from the start of the process to its end. */
  readonly helpMs: Spread;
  /** The same of `node -e 0`. */
  readonly nodeMs: Spread;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (lower === undefined || upper === undefined) {
    throw new Error('There is no median without a value.');
  }
  return (lower + upper) / 2;
}

/** @returns figures rounded to tenths. */
export function spreadOf(values: readonly number[]): Spread {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [a = 0, b = 0, c = 0] = [median(values), least, most].map((value) => Math.round(value * 10) / 10);
  return { median: a, least: b, most: c };
}

/** @param about what the samples do not contain. */
export function figuresOf(
  about: Pick<SubjectFigures, 'id' | 'title' | 'bytes' | 'packages'>,
  samples: readonly Sample[],
): SubjectFigures {
  return {
    ...about,
    loadMs: spreadOf(samples.map(({ loadMs }) => loadMs)),
    cold: rotationFigures(samples.map(({ cold }) => cold)),
    warm: rotationFigures(samples.flatMap(({ warm }) => warm)),
  };
}

function rotationFigures(rotations: readonly Rotation[]): RotationFigures {
  const over = (figure: (rotation: Rotation) => number): Spread => spreadOf(rotations.map(figure));
  const step = (name: Step): Spread => over(({ stepMs }) => stepMs[STEPS.indexOf(name)] ?? 0);
  return {
    steps: {
      createSecret: step('createSecret'),
      setSecret: step('setSecret'),
      testSecret: step('testSecret'),
      finishSecret: step('finishSecret'),
    },
    rotationMs: over(({ stepMs }) => stepMs.reduce((sum, ms) => sum + ms, 0)),
    cpuMs: over(({ cpuMs }) => cpuMs),
    peakBytes: over(({ peakBytes }) => peakBytes),
    changeToCurrentMs: over(({ changeToCurrentMs }) => changeToCurrentMs),
    awsCalls: over(({ awsCalls }) => awsCalls.length),
    clusterRequests: over(({ clusterRequests }) => clusterRequests.length),
    connections: over(({ connections }) => connections),
  };
}
