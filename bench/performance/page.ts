import { STEPS } from '../../protocol/secret/rotation-step.ts';
import { count, megabytes, milliseconds, spread } from '../pages/format.ts';
import { type Blocks, table } from '../pages/generated-block.ts';
import type { HelpResults, Results, RotationFigures, SubjectFigures } from './results.ts';
import { HELP_TARGET_MS, judge } from './targets.ts';

const FIGURES = [...STEPS, 'all steps', 'CPU time', 'peak memory', 'change to AWSCURRENT'];

/** The tables in docs/performance.md. */
export function performanceBlocks(results: Results, help: HelpResults): Blocks {
  const { subjects } = results;
  return {
    performance: runOf(results),
    'performance-targets': table(
      ['figure of this function', 'relative to', 'target', 'measured', ''],
      judge(results).map(({ figure, relativeTo, atMost, measured, isMet }) => [
        figure,
        relativeTo,
        `≤ ${atMost.toFixed(2)}`,
        measured.toFixed(3),
        verdict(isMet),
      ]),
    ),
    'performance-cold': table(
      ['function', 'load', ...FIGURES],
      subjects.map(({ title, loadMs, cold }) => [title, spread(loadMs, milliseconds), ...timesOf(cold)]),
    ),
    'performance-warm': table(
      ['function', ...FIGURES],
      subjects.map(({ title, warm }) => [title, ...timesOf(warm)]),
    ),
    'performance-counts': table(
      [
        ...['function', 'bytes', 'AWS calls, cold', 'warm', 'cluster requests, cold', 'warm'],
        ...['new cluster connections, cold', 'warm'],
      ],
      subjects.map(countsOf),
    ),
    'performance-help': helpOf(help),
  };
}

function runOf({ date, seconds, rounds, warmRotations, node, cores, subjects }: Results): string {
  const trial = rounds === 1 ? '1 round (a trial)' : `${rounds} rounds`;
  const packages = subjects.flatMap(({ title, packages: source }) =>
    source === undefined ? [] : [`The packages of "${title}" come from ${source}.`],
  );
  return [
    `Run of ${date}: ${seconds} seconds, ${trial} on Node ${node} and ${cores} cores.`,
    `Each process made ${warmRotations} warm rotations.`,
    ...packages,
  ].join(' ');
}

function helpOf({ date, runs, node, helpMs, nodeMs }: HelpResults): string {
  const target = `< ${HELP_TARGET_MS} ms: ${verdict(helpMs.median < HELP_TARGET_MS)}`;
  const rows = [
    ['`zilliz-rotation --help`', spread(helpMs, milliseconds), target],
    ['`node -e 0`', spread(nodeMs, milliseconds), ''],
  ];
  return `Run of ${date}: ${runs} runs on Node ${node}.\n\n${table(['program', 'CPU time', 'target'], rows)}`;
}

const verdict = (isMet: boolean): string => (isMet ? 'pass' : '**fail**');

function timesOf({ steps, rotationMs, cpuMs, peakBytes, changeToCurrentMs }: RotationFigures): string[] {
  return [
    ...STEPS.map((step) => milliseconds(steps[step].median)),
    spread(rotationMs, milliseconds),
    spread(cpuMs, milliseconds),
    spread(peakBytes, megabytes),
    spread(changeToCurrentMs, milliseconds),
  ];
}

function countsOf({ title, bytes, cold, warm }: SubjectFigures): string[] {
  const counts = (['awsCalls', 'clusterRequests', 'connections'] as const).flatMap((name) => [
    count(cold[name]),
    count(warm[name]),
  ]);
  return [title, megabytes(bytes), ...counts];
}
