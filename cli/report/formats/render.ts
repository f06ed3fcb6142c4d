import type { ExitCode } from '../../outcome/exit-code.ts';
import { jsonText } from '../../terminal/text.ts';
import type { AuditReport } from '../audit/audit-report.ts';
import type { Format } from '../report-definition.ts';
import { rotationsCsv, secretsCsv } from './csv.ts';
import { reportHtml } from './html.ts';
import { reportJson } from './json.ts';

/** The texts of a report, each for a file of its own. */
export function render(audit: AuditReport, format: Format, code: ExitCode): readonly string[] {
  switch (format) {
    case 'html':
      return [reportHtml(audit)];
    case 'csv':
      return [secretsCsv(audit), rotationsCsv(audit)];
    case 'json':
      return [jsonText(reportJson(audit, code))];
  }
}

/**
 * The names of the files of a report. For `evidence.csv` and two texts: `evidence.csv` and
 * `evidence-rotations.csv`.
 */
export function fileNames(output: string, count: number): readonly string[] {
  const [, stem = output, extension = ''] = /^(.*[^/\\])(\.[^./\\]+)$/.exec(output) ?? [];
  return [output, `${stem}-rotations${extension}`].slice(0, count);
}
