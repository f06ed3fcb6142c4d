import type { CommandPorts } from '../command-ports.ts';
import { createAttemptReader } from '../examine/last-attempt.ts';
import { examinePorts } from '../examine-ports.ts';
import { ExitCode, mostSerious } from '../outcome/exit-code.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import { paragraph, shortNames } from '../terminal/text.ts';
import { writeResult } from '../terminal/write-result.ts';
import { examineAll, isDetailed, type StatusEntry } from './examine-all.ts';
import type { StatusOptions } from './status-definition.ts';
import { detailsText, statusJson } from './status-of-secret.ts';
import { issuesTexts, statusTable } from './status-table.ts';

export async function status(given: readonly string[], options: StatusOptions, ports: CommandPorts): Promise<ExitCode> {
  const shared = { ...ports, ...examinePorts(options, ports), readLastAttempt: createAttemptReader(ports.clock) };
  const { selected, skipped, unsearched } = await searchSecrets(
    given,
    { ...options, withAbsentFunctions: true },
    ports,
  );
  const entries = await examineAll(selected, shared, options, ports);

  const now = ports.clock.now();
  const code = ports.interrupted.aborted
    ? ExitCode.interrupted
    : mostSerious([
        ...entries.map((entry) => exitCodeOf(entry, options.failOn)),
        skipped.length + unsearched.length > 0 ? ExitCode.refused : ExitCode.ok,
      ]);
  const nameOf = shortNames(skipped.map(({ secretId }) => secretId));
  const texts = [
    ...(isDetailed(entries)
      ? entries.map((entry) => detailsText(entry, now))
      : [statusTable(entries, now), ...issuesTexts(entries)]),
    ...skipped.map(({ secretId, reason }) => paragraph(`${nameOf(secretId)}: skipped`, [['reason', reason]])),
    ...unsearched.map(({ place, message, advice, ...why }) =>
      paragraph(`${place}: cannot be searched (${why.code})`, [
        ['message', message],
        ['advice', advice],
      ]),
    ),
  ];
  const secrets = entries.map((entry) => statusJson(entry, now));
  const document = { command: 'status', exitCode: code, secrets, skipped, unsearched };
  writeResult(options, ports, texts.join('\n'), document);
  return code;
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
