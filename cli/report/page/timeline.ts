import type { PageData, PageRotation } from '../formats/page-data.ts';
import { element, svg } from './dom.ts';
import { count, day } from './format.ts';

const DAY_MS = 86_400_000;
const HEIGHT = 150;
const WIDTH = 1000;
/** A year has a bar for each week, so that a bar stays wide enough to point at. */
const BARS_AT_MOST = 130;

type Group = 'succeeded' | 'failed' | 'other';

export function groupOf({ kind, outcome }: PageRotation): Group {
  if (kind === 'rotation' && outcome === 'succeeded') {
    return 'succeeded';
  }
  return outcome === 'failed' || outcome === 'abandoned' ? 'failed' : 'other';
}

export function timeOf({ startedAt, endedAt }: PageRotation): number {
  return startedAt ?? endedAt ?? 0;
}

/** The rotations of all secrets: a bar for each day or week. */
export function drawTimeline({ since, until, rotations }: PageData): readonly Node[] {
  const span = Math.max(until - since, DAY_MS);
  const step = Math.ceil(span / DAY_MS / BARS_AT_MOST) * DAY_MS;
  // Bars begin at midnight UTC.
  const start = Math.floor(since / DAY_MS) * DAY_MS;
  const bars = Array.from({ length: Math.ceil((until - start) / step) || 1 }, () => ({
    succeeded: 0,
    failed: 0,
    other: 0,
  }));
  for (const rotation of rotations) {
    const bar = bars[Math.floor((timeOf(rotation) - start) / step)];
    if (bar !== undefined) {
      bar[groupOf(rotation)] += 1;
    }
  }
  const highest = Math.max(1, ...bars.map(({ succeeded, failed, other }) => succeeded + failed + other));
  const width = WIDTH / bars.length;
  const shapes = bars.flatMap((bar, index) => {
    const from = start + index * step;
    let y = HEIGHT;
    return (['succeeded', 'other', 'failed'] as const).flatMap((group) => {
      const amount = bar[group];
      if (amount === 0) {
        return [];
      }
      // A single failure among thousands of rotations stays visible.
      const height = Math.max(2, (amount / highest) * (HEIGHT - 2));
      y -= height;
      const label = `${day(from)}${step > DAY_MS ? ` to ${day(from + step - 1)}` : ''}: ${amount} ${group}`;
      const position = { x: index * width + 0.5, y: y + 0.5, width: Math.max(1, width - 1.5), height: height - 0.5 };
      return [svg('rect', { ...position, class: `bar ${group}` }, svg('title', {}, label))];
    });
  });
  const unit = step > DAY_MS ? `${step / DAY_MS} days` : 'a day';
  const attributes = {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    class: 'timeline',
    'aria-label': `${count(rotations.length, 'rotation')} from ${day(since)} to ${day(until)}, at most ${highest} in ${unit}`,
  };
  return [
    element('p', { class: 'small highest' }, `${highest} in ${unit}`),
    svg(
      'svg',
      attributes,
      svg('line', { x1: 0, x2: WIDTH, y1: 1, y2: 1, class: 'grid' }),
      ...shapes,
      svg('line', { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: 'axis' }),
    ),
    element('div', { class: 'ticks small' }, ...ticks(since, until)),
  ];
}

/** Texts outside the drawing, because a narrow screen squeezes the drawing. */
function ticks(since: number, until: number): HTMLElement[] {
  const parts = [0, 0.25, 0.5, 0.75, 1];
  return parts.map((part) => element('span', {}, day(since + part * (until - since))));
}

/** The rotations of one secret, as marks on a line. A failure has another shape than a success. */
export function drawMarks(rotations: readonly PageRotation[], { since, until }: PageData): SVGElement {
  const failed = rotations.filter((rotation) => groupOf(rotation) === 'failed').length;
  const label = `${count(rotations.length, 'entry', 'entries')}${failed > 0 ? `, ${failed} failed` : ''}`;
  const marks = rotations.map((rotation) => {
    const x = 5 + ((timeOf(rotation) - since) / (until - since || 1)) * 150;
    const group = groupOf(rotation);
    return group === 'failed'
      ? svg('path', { d: `M${x - 4} 5l8 8m0-8l-8 8`, class: 'mark failed' })
      : svg('circle', { cx: x, cy: 9, r: group === 'succeeded' ? 3.5 : 2.5, class: `mark ${group}` });
  });
  return svg(
    'svg',
    { viewBox: '0 0 160 18', role: 'img', class: 'marks', 'aria-label': label },
    svg('line', { x1: 0, x2: 160, y1: 9, y2: 9, class: 'axis' }),
    ...marks,
  );
}
