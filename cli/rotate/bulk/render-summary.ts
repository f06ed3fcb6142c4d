import { paragraph, shortNames } from '../../terminal/text.ts';
import { formatDuration } from '../../terminal/time.ts';
import { headlineOf, totalText } from '../render.ts';
import type { RotateReport } from '../report.ts';

/** How many secrets had each outcome, then a paragraph for each reason why some did not rotate. */
export function summaryText(
  reports: readonly RotateReport[],
  { durationMs, journalPath }: { durationMs: number; journalPath: string },
): string {
  const nameOf = shortNames(reports.map(({ secretId }) => secretId));
  const others = reports.filter(({ outcome }) => outcome.kind !== 'rotated');
  const groups = Map.groupBy(others, ({ outcome }) => headlineOf(outcome));
  const reasons = [...groups].map(([headline, group]) => reason(headline, group, nameOf));
  const total = `${totalText(reports)}It took ${formatDuration(durationMs)}. Journal: ${journalPath}\n`;
  return [...reasons, total].join('\n');
}

function reason(headline: string, group: readonly RotateReport[], nameOf: (secretId: string) => string): string {
  const [first] = group;
  const { message = '', advice = '' } = first === undefined || first.outcome.kind === 'rotated' ? {} : first.outcome;
  return paragraph(`${headline}: ${group.length}`, [
    ['message', message],
    ['advice', advice],
    ...group.map(({ secretId }, index) => [index === 0 ? 'secrets' : '', nameOf(secretId)] as const),
  ]);
}
