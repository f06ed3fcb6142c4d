import { px, rect, svg, text } from '../pages/svg.ts';
import { ROTATION } from './events.ts';
import { type ApplicationResult, BUCKET_MS, type RunSettings, type StrategyRun } from './results.ts';
import { titleOf } from './titles.ts';

const [WIDTH, LEFT, RIGHT] = [760, 64, 16];
const [TOP, PANEL, LEGEND_ROW] = [72, 112, 18];
/** Heights within a panel: its title, then the latency, then the failed calls. */
const [TITLE, LATENCY, FAILED] = [20, 54, 26];
/** The latency has a logarithmic scale. */
const [LEAST_MS, MOST_MS] = [3, 10_000];
const GRID_MS = [10, 100, 1000, 10_000];
const COLOURS = { rotation: '#e8e8e8', fault: '#fbe3c8', latency: '#4c78a8', failed: '#d62728', grid: '#d0d0d0' };

/**
 * The whole run as an SVG: for each application the longest call and the failed calls in each half
 * second, around every rotation and every fault.
 */
export function timeline(title: string, run: StrategyRun, settings: Pick<RunSettings, 'intervalMs'>): string {
  const { applications, events, seconds } = run;
  const bottom = TOP + applications.length * PANEL;
  const x = (ms: number): number => LEFT + (ms / (1000 * seconds)) * (WIDTH - LEFT - RIGHT);
  const faults = events.filter(({ name }) => name !== ROTATION.name);
  const bands = events.flatMap(({ name, beganMs, endedMs }) => {
    const letter = letterOf(faults.findIndex((fault) => fault.name === name));
    const band = rect(
      x(beganMs),
      TOP,
      Math.max(x(endedMs) - x(beganMs), 1),
      bottom - TOP,
      COLOURS[letter === '' ? 'rotation' : 'fault'],
    );
    return [band, ...(letter === '' ? [] : [text(x(beganMs), TOP - 4, letter, ' font-weight="bold"')])];
  });
  const panels = applications.flatMap((application, index) =>
    panel(titleOf(application.client, settings), application, TOP + index * PANEL, x),
  );
  const legend = faults.map(({ name }, index) =>
    text(LEFT, bottom + 20 + index * LEGEND_ROW, `${letterOf(index)}  ${name.replaceAll('`', '')}`),
  );
  return svg(title, WIDTH, bottom + 12 + (faults.length + 1) * LEGEND_ROW, [
    rect(16, 36, 12, 12, COLOURS.rotation),
    text(34, 47, 'rotation'),
    rect(106, 36, 12, 12, COLOURS.fault),
    text(124, 47, 'fault'),
    rect(176, 36, 12, 12, COLOURS.latency),
    text(194, 47, 'longest call in each half second'),
    rect(414, 36, 12, 12, COLOURS.failed),
    text(432, 47, 'failed calls in each half second, scaled for each client'),
    ...bands,
    ...panels,
    ...legend,
  ]);
}

function panel(
  title: string,
  { failures, timeline: series }: ApplicationResult,
  top: number,
  x: (ms: number) => number,
): string[] {
  const y = (ms: number): number => {
    const share = Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / Math.log(MOST_MS / LEAST_MS);
    return top + TITLE + LATENCY * (1 - Math.min(share, 1));
  };
  const ground = top + TITLE + LATENCY + FAILED + 4;
  const left = (bucket: number): string => px(x(bucket * BUCKET_MS));
  const latency = numbersOf(series.longestMs).map(
    (ms, bucket) => `${bucket === 0 ? 'M' : 'L'}${left(bucket)} ${px(y(ms))}`,
  );
  const counts = numbersOf(series.failed);
  const failed = counts.flatMap((count, bucket) =>
    count === 0 ? [] : [`M${left(bucket)} ${px(ground)}v-${px(Math.max(1, (FAILED * count) / Math.max(...counts)))}`],
  );
  const total = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return [
    ...GRID_MS.flatMap((ms) => [
      path(`M${LEFT} ${px(y(ms))}H${WIDTH - RIGHT}`, COLOURS.grid, 0.5),
      text(LEFT - 6, y(ms) + 4, ms < 1000 ? `${ms} ms` : `${ms / 1000} s`, ' text-anchor="end" font-size="10"'),
    ]),
    path(`M${LEFT} ${px(ground)}H${WIDTH - RIGHT}`, COLOURS.grid, 1),
    path(latency.join(''), COLOURS.latency, 1.2),
    ...(failed.length === 0 ? [] : [path(failed.join(''), COLOURS.failed, x(BUCKET_MS) - x(0))]),
    text(LEFT, top + 14, `${title}: ${total.toLocaleString('en-US')} failed calls`, ' font-weight="bold"'),
  ];
}

function path(d: string, stroke: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${px(width)}"/>`;
}

/** A, B, C, … for the faults. Empty for -1, a rotation. */
const letterOf = (index: number): string => (index < 0 ? '' : String.fromCharCode(65 + index));

const numbersOf = (series: string): number[] => series.split(' ').map(Number);
