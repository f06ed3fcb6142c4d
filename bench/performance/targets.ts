import type { Results, SubjectFigures } from './results.ts';
import type { SubjectId } from './subjects.ts';

/** An upper limit of a figure of this function, relative to another function in the same run. */
interface Target {
  readonly figure: string;
  readonly relativeTo: SubjectId;
  readonly atMost: number;
  readonly of: (figures: SubjectFigures) => number;
}

/** The target for the CPU time of a cold `zilliz-rotation --help`, user and system. */
export const HELP_TARGET_MS = 150;

const coldCpu = ({ cold }: SubjectFigures): number => cold.cpuMs.median;

const TARGETS: readonly Target[] = [
  { figure: 'bytes of the bundle', relativeTo: 'baseline', atMost: 0.45, of: ({ bytes }) => bytes },
  { figure: 'load time', relativeTo: 'baseline', atMost: 0.5, of: ({ loadMs }) => loadMs.median },
  { figure: 'CPU time of a cold rotation', relativeTo: 'baseline', atMost: 0.15, of: coldCpu },
  { figure: 'peak memory', relativeTo: 'baseline', atMost: 0.35, of: ({ cold }) => cold.peakBytes.median },
  {
    figure: 'warm time from the change to AWSCURRENT',
    relativeTo: 'baseline',
    atMost: 0.2,
    of: ({ warm }) => warm.changeToCurrentMs.median,
  },
  { figure: 'CPU time of a cold rotation', relativeTo: 'one-sdk-client', atMost: 0.4, of: coldCpu },
];

export interface JudgedTarget {
  readonly figure: string;
  /** The title of the other function. */
  readonly relativeTo: string;
  readonly atMost: number;
  readonly measured: number;
  readonly isMet: boolean;
}

/** @throws Error if the results lack one of the functions. */
export function judge({ subjects }: Results): JudgedTarget[] {
  const subject = (id: SubjectId): SubjectFigures => {
    const found = subjects.find((figures) => figures.id === id);
    if (found === undefined) {
      throw new Error(`The results do not contain ${id}.`);
    }
    return found;
  };
  return TARGETS.map(({ figure, relativeTo, atMost, of }) => {
    const other = subject(relativeTo);
    const measured = of(subject('grpc')) / of(other);
    return { figure, relativeTo: other.title, atMost, measured, isMet: measured <= atMost };
  });
}
