import { STEPS } from '../../protocol/secret/rotation-step.ts';
import { type BarChart, barChart } from '../pages/bar-chart.ts';
import { megabytes, milliseconds } from '../pages/format.ts';
import type { Results, RotationFigures, SubjectFigures } from './results.ts';

interface Plot {
  readonly title: string;
  readonly parts: readonly string[];
  readonly values: (figures: SubjectFigures) => readonly number[];
  readonly format: BarChart['format'];
}

const stepsOf = ({ steps }: RotationFigures): number[] => STEPS.map((step) => steps[step].median);

/** The plots, by the name of their file in docs/images. */
const PLOTS: Readonly<Record<string, Plot>> = {
  'performance-cold-time.svg': {
    title: 'Cold rotation: load and the four steps',
    parts: ['load', ...STEPS],
    values: ({ loadMs, cold }) => [loadMs.median, ...stepsOf(cold)],
    format: milliseconds,
  },
  'performance-warm-time.svg': {
    title: 'Warm rotation: the four steps',
    parts: STEPS,
    values: ({ warm }) => stepsOf(warm),
    format: milliseconds,
  },
  'performance-cold-cpu.svg': {
    title: 'CPU time of a cold rotation, load included',
    parts: ['CPU time'],
    values: ({ cold }) => [cold.cpuMs.median],
    format: milliseconds,
  },
  'performance-memory.svg': {
    title: 'Peak memory of a cold rotation',
    parts: ['memory'],
    values: ({ cold }) => [cold.peakBytes.median],
    format: megabytes,
  },
  'performance-window.svg': {
    title: 'Warm rotation: from the password change to AWSCURRENT',
    parts: ['time'],
    values: ({ warm }) => [warm.changeToCurrentMs.median],
    format: milliseconds,
  },
};

/** The files of docs/images, by name. */
export function plotsOf({ subjects }: Results): Map<string, string> {
  return new Map(
    Object.entries(PLOTS).map(([file, { title, parts, values, format }]) => {
      const bars = subjects.map((figures) => ({ label: figures.title, values: values(figures) }));
      return [file, barChart({ title, parts, bars, format })];
    }),
  );
}
