import type { CommandPorts } from '../command-ports.ts';
import { createSameUserFinder } from '../examine/find-same-user.ts';
import { createAttemptReader } from '../examine/last-attempt.ts';
import { ExitCode, mostSerious } from '../outcome/exit-code.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import { mayMeetConditions } from '../select/selection.ts';
import {
  endpointOptions,
  managerPorts,
  readClusterConnection,
  requireUsersOfOneSecret,
} from '../terminal/read-options.ts';
import { jsonText, paragraph, shortNames } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { examineAll, isDetailed, type StatusEntry } from './examine-all.ts';
import { type FailOn, fails, type StatusOptions } from './status-definition.ts';
import { detailsText, statusJson } from './status-of-secret.ts';
import { issuesTexts, statusTable } from './status-table.ts';

/** Runs `status SECRET…`. */
export async function status(given: readonly string[], options: StatusOptions, ports: CommandPorts): Promise<ExitCode> {
  const cluster = ports.connectCluster(readClusterConnection(options, ports));
  const { selected, skipped, unsearched } = await searchSecrets(
    given,
    { ...options, withAbsentFunctions: true },
    ports,
  );
  requireUsersOfOneSecret(selected, options);
  const endpoints = endpointOptions(options);
  const shared = {
    ...ports,
    endpoints,
    findSameUser: createSameUserFinder(endpoints, ports.interrupted),
    readLastAttempt: createAttemptReader(ports.clock),
    usernames: options.users,
    manager: options.manager ? managerPorts(options, ports) : undefined,
    cluster,
  };
  const entries = await examineAll(selected, shared, options, ports);

  const now = ports.clock.now();
  const { failOn } = options;
  const code = ports.interrupted.aborted
    ? ExitCode.interrupted
    : mostSerious([
        ...entries.map((entry) => exitCodeOf(entry, failOn)),
        skipped.some(mayMeetConditions) || unsearched.length > 0 ? ExitCode.refused : ExitCode.ok,
      ]);
  if (options.json) {
    const secrets = entries.map((entry) => statusJson(entry, now));
    ports.out.write(jsonText({ command: 'status', exitCode: code, secrets, skipped, unsearched }));
  } else {
    const nameOf = shortNames(skipped.map(({ secretId }) => secretId));
    const texts = [
      ...(isDetailed(entries, options)
        ? entries.map((entry) => detailsText(entry, now))
        : [statusTable(entries, now), ...issuesTexts(entries)]),
      ...skipped.map(({ secretId, reason }) => paragraph(`${nameOf(secretId)}: skipped`, [['reason', reason]])),
      ...unsearched.map(({ place, code, message, advice }) =>
        paragraph(`${place}: cannot be searched (${code})`, [
          ['message', message],
          ['advice', advice],
        ]),
      ),
    ];
    writeText(ports.out, texts.join('\n'));
  }
  return code;
}

function exitCodeOf({ result, findings }: StatusEntry, failOn: FailOn): ExitCode {
  const failing = findings.filter((finding) => fails(finding, failOn));
  const ofFindings = failing.map(({ severity }) => (severity === 'undecided' ? ExitCode.unconfirmed : ExitCode.failed));
  if (result.kind === 'examined') {
    return mostSerious(ofFindings);
  }
  return mostSerious([result.code === 'unexpected' ? ExitCode.unexpected : ExitCode.refused, ...ofFindings]);
}
