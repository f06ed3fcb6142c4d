import { rect, svg, text } from './svg.ts';

export interface Bar {
  readonly label: string;
  /** The values in the order of {@link BarChart.parts}. */
  readonly values: readonly number[];
}

export interface BarChart {
  readonly title: string;
  /** The parts of each bar. One part gets no legend. */
  readonly parts: readonly string[];
  readonly bars: readonly Bar[];
  readonly format: (total: number) => string;
}

const WIDTH = 760;
const LABELS = 290;
const VALUES = 80;
const ROW = 28;
const COLOURS = ['#4c78a8', '#f58518', '#54a24b', '#b279a2', '#9d755d'];
const colour = (part: number): string => COLOURS[part] ?? '#000000';

/** @returns an SVG with one horizontal bar for each entry, on white for dark pages too. */
export function barChart({ title, parts, bars, format }: BarChart): string {
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const scale = (WIDTH - LABELS - VALUES) / Math.max(...totals);
  const hasLegend = parts.length > 1;
  const top = hasLegend ? 68 : 44;
  const rows = bars.flatMap(({ label, values }, index) => {
    const y = top + index * ROW;
    let x = LABELS;
    const segments = values.map((value, part) => {
      const width = value * scale;
      const segment = rect(x, y, width, 18, colour(part));
      x += width;
      return segment;
    });
    const name = text(LABELS - 8, y + 14, label, ' text-anchor="end"');
    return [name, ...segments, text(x + 6, y + 14, format(totals[index] ?? 0))];
  });
  const legend = parts.flatMap((part, index) => [
    rect(16 + index * 130, 38, 12, 12, colour(index)),
    text(34 + index * 130, 49, part),
  ]);
  const height = top + bars.length * ROW + 8;
  return svg(title, WIDTH, height, [...(hasLegend ? legend : []), ...rows]);
}
