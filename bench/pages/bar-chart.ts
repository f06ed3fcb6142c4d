export interface Bar {
  readonly label: string;
  /** In the order of {@link BarChart.parts}. */
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
      const segment = `<rect x="${px(x)}" y="${y}" width="${px(width)}" height="18" fill="${COLOURS[part]}"/>`;
      x += width;
      return segment;
    });
    const name = text(LABELS - 8, y + 14, label, ' text-anchor="end"');
    return [name, ...segments, text(x + 6, y + 14, format(totals[index] ?? 0))];
  });
  const legend = parts.flatMap((part, index) => [
    `<rect x="${16 + index * 130}" y="38" width="12" height="12" fill="${COLOURS[index]}"/>`,
    text(34 + index * 130, 49, part),
  ]);
  const height = top + bars.length * ROW + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="13" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(16, 24, title, ' font-size="15" font-weight="bold"'),
    ...(hasLegend ? legend : []),
    ...rows,
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${px(x)}" y="${y}" fill="#222222"${attributes}>${escaped(content)}</text>`;
}

const px = (value: number): string => String(Math.round(value * 10) / 10);

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
