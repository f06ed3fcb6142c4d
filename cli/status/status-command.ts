import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { createAttemptReader } from '../examine/last-attempt.ts';
import { isOverdue } from '../examine/rotation-findings.ts';
import { examinePorts } from '../examine-ports.ts';
import { ExitCode, mostSerious } from '../outcome/exit-code.ts';
import { type Explanation, truncatedList } from '../outcome/failure.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import { adviceLines, counted, type Line, paragraph } from '../terminal/text.ts';
import { day } from '../terminal/time.ts';
import { examineAll, isDetailed, type StatusEntry } from './examine-all.ts';
import type { StatusDocument } from './json-schema.ts';
import { codesOf, STATES, stateOf } from './state.ts';
import type { StatusOptions } from './status-definition.ts';
import { detailsText, documentOf, issueLines } from './status-of-secret.ts';

export async function status(
  given: readonly string[],
  options: StatusOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  const examine = examinePorts(options, ports);
  const { selected, skipped, unsearched } = await searchSecrets(
    given,
    { ...options, withAbsentFunctions: true },
    ports,
  );
  const readLastAttempt = createAttemptReader(ports.clock, selected.length > 1);
  const entries = await examineAll(selected, { ...examine, readLastAttempt }, options, ports);

  const now = ports.clock.now();
  const code = ports.interrupted.aborted
    ? ExitCode.interrupted
    : mostSerious([
        ...entries.map((entry) => exitCodeOf(entry, options.failOn)),
        skipped.length + unsearched.length > 0 ? ExitCode.refused : ExitCode.ok,
      ]);
  const byUrgency = STATES.flatMap((state) => entries.filter((entry) => stateOf(entry) === state));
  const details = isDetailed(entries) ? byUrgency.map((entry) => detailsText(entry, now)) : issuesTexts(byUrgency);
  const texts = [
    ...(entries.length > 1 ? [overviewText(byUrgency, now)] : []),
    ...details,
    ...skipped.map(({ secretId, ...why }) => unexaminedText(`${secretId}: skipped`, why)),
    ...unsearched.map(({ place, ...why }) => unexaminedText(`${place}: cannot be searched`, why)),
  ];
  const secrets = entries.map((entry) => documentOf(entry, now));
  const document: StatusDocument = { command: 'status', exitCode: code, secrets, skipped, unsearched };
  return { text: texts.join('\n'), document };
}

function unexaminedText(title: string, { code, message, advice }: Explanation): string {
  return paragraph(`${title} (${code})`, [['message', message], ...adviceLines('advice', advice)]);
}

const EXIT_CODES = { problem: ExitCode.failed, undecided: ExitCode.unconfirmed, notice: ExitCode.ok } as const;

function exitCodeOf({ result, findings }: StatusEntry, failOn: StatusOptions['failOn']): ExitCode {
  const ofFindings =
    failOn === undefined
      ? findings.map(({ severity }) => EXIT_CODES[severity])
      : findings.map(({ code }) => (failOn.includes(code) ? ExitCode.failed : ExitCode.ok));
  if (result.kind === 'examined') {
    return mostSerious(ofFindings);
  }
  return mostSerious([result.code === 'unexpected' ? ExitCode.unexpected : ExitCode.refused, ...ofFindings]);
}

/** A block for each secret with findings. Secrets with the same findings share a block. */
function issuesTexts(entries: readonly StatusEntry[]): readonly string[] {
  const issues = entries.map((entry) => ({ name: entry.name, lines: issueLines(entry) }));
  const found = issues.filter(({ lines }) => lines.length > 0);
  return [...Map.groupBy(found, ({ lines }) => JSON.stringify(lines)).values()].map((group) => {
    const names = group.map(({ name }) => name);
    return paragraph(truncatedList(names), group[0]?.lines ?? []);
  });
}

/** A longer name moves the codes of its line to the right. */
const WIDEST_NAME = 40;

/**
 * How many secrets are in each state, and a line for each secret: last rotation, next rotation,
 * name, and the codes of its findings.
 */
function overviewText(entries: readonly StatusEntry[], now: number): string {
  const width = Math.min(WIDEST_NAME, Math.max('secret'.length, ...entries.map((entry) => entry.name.length)));
  const row = (rotated: string, next: string, name: string, codes: string): string =>
    `${rotated.padEnd(12)}${next.padEnd(12)}${name.padEnd(width)}  ${codes}`.trimEnd();
  const counts = [...Map.groupBy(entries, stateOf)].map(([state, { length }]) => `${length} ${state}`);
  return paragraph(`${counted(entries.length, 'secret')}: ${counts.join(', ')}`, [
    ['state', row('rotated', 'next', 'secret', 'findings')],
    ...entries.map((entry): Line => {
      const { secret } = entry.result;
      const rotated = secret && (day(secret.lastRotatedAt) ?? '-');
      const next = secret && (isOverdue(secret, now) ? 'overdue' : (day(secret.nextRotationAt) ?? '-'));
      return [stateOf(entry), row(rotated ?? '', next ?? '', entry.name, codesOf(entry).join(', '))];
    }),
  ]);
}
