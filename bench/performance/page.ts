import { table } from '../../build/pages.ts';
import { digits } from '../numbers.ts';
import type { SubjectFigures } from './results.ts';
import type { SubjectId } from './subjects.ts';

/** An upper limit of a figure of this function, relative to another function in the same run. */
interface Target {
  readonly figure: string;
  readonly relativeTo: SubjectId;
  readonly atMost: number;
  readonly of: (figures: SubjectFigures) => number;
}

const bytes: Target['of'] = (figures) => figures.bytes;
const coldCpu: Target['of'] = ({ cold }) => cold.cpuMs;
const coldMemory: Target['of'] = ({ cold }) => cold.peakBytes;

const TARGETS: readonly Target[] = [
  { figure: 'bytes', relativeTo: 'one-sdk-client', atMost: 0.3, of: bytes },
  { figure: 'CPU time, cold', relativeTo: 'one-sdk-client', atMost: 0.4, of: coldCpu },
  { figure: 'peak memory, cold', relativeTo: 'one-sdk-client', atMost: 0.6, of: coldMemory },
  { figure: 'CPU time, cold', relativeTo: 'http2', atMost: 1.5, of: coldCpu },
  { figure: 'peak memory, cold', relativeTo: 'http2', atMost: 1.15, of: coldMemory },
];

type Figures = Readonly<Record<SubjectId, SubjectFigures>>;

/** Compares this function with the others. */
export function judge(figures: Figures) {
  return TARGETS.map(({ figure, relativeTo, atMost, of }) => {
    const measured = of(figures.grpc) / of(figures[relativeTo]);
    return { figure, relativeTo: figures[relativeTo].title, atMost, measured, isMet: measured <= atMost };
  });
}

/** The tables in docs/performance.md. `run` says when and how the samples were taken. */
export function performanceBlocks(run: string, figures: Figures): Record<string, string> {
  return {
    'bench:performance': run,
    'bench:performance-targets': table(
      ['figure of this function', 'relative to', 'target', 'measured'],
      judge(figures).map(({ figure, relativeTo, atMost, measured, isMet }) => [
        figure,
        relativeTo,
        `≤ ${atMost.toFixed(2)}`,
        isMet ? measured.toFixed(2) : `**${measured.toFixed(2)}**`,
      ]),
    ),
    'bench:performance-figures': table(
      [
        'function',
        'load',
        'four steps',
        'CPU time',
        'peak memory',
        'warm: four steps',
        'CPU time',
        'change to AWSCURRENT',
      ],
      Object.values(figures).map(({ title, loadMs, cold, warm }) => [
        title,
        ...[loadMs, cold.milliseconds, cold.cpuMs].map(milliseconds),
        megabytes(cold.peakBytes),
        ...[warm.milliseconds, warm.cpuMs, warm.changeToCurrentMs].map(milliseconds),
      ]),
    ),
    'bench:performance-counts': table(
      ['function', 'bytes', 'AWS calls', 'cluster requests', 'cluster connections, cold', 'warm'],
      Object.values(figures).map(({ title, bytes, cold, warm }) => [
        title,
        megabytes(bytes),
        ...[cold.awsCalls, cold.clusterRequests, cold.connections, warm.connections].map(String),
      ]),
    ),
  };
}

const milliseconds = (value: number): string => `${digits(Math.round(value))} ms`;

/** `2.23 MB` of a million bytes each, and no decimals from 10 MB. */
const megabytes = (value: number): string => `${(value / 1e6).toFixed(value < 1e7 ? 2 : 0)} MB`;
