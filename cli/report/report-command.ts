import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import type { LocatedSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { MAX_CONCURRENT_READS, mapConcurrently } from '../aws/map-concurrently.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { readStrategy } from '../examine/read-strategy.ts';
import { readHistory } from '../history/read-history.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { endIfInterrupted } from '../outcome/failure.ts';
import type { SelectedSecret } from '../select/search.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import { hasCondition } from '../select/selection-options.ts';
import { periodOf } from '../terminal/period-options.ts';
import { createProgressWriter, showAtIntervals } from '../terminal/progress.ts';
import { auditSecret } from './audit-secret.ts';
import type { AuditReport } from './json-schema.ts';
import { reportPage } from './page.ts';
import type { ReportOptions } from './report-definition.ts';
import { countsOf, csv, rotationRows, secretRows } from './rows.ts';

export async function report(
  given: readonly string[],
  options: ReportOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  const now = ports.clock.now();
  const period = periodOf(options, now);
  const isAll = given.length === 0 && !hasCondition(options);
  const { selected, skipped, unsearched } = await searchSecrets(
    given,
    isAll ? { ...options, all: true } : options,
    ports,
  );
  let latest = 'reading the secrets';
  const read = async (): Promise<AuditReport> => {
    const described = await mapConcurrently(selected, MAX_CONCURRENT_READS, describe);
    // By ARN, because two names or two profiles can lead to one secret.
    const located = described.filter((each) => 'secret' in each).map((each) => [each.secret.arn, each] as const);
    const found = [...new Map(located).values()];
    const { rotations, notes, isComplete } = await readHistory(found, period, ports, (line) => {
      latest = line;
    });
    const secrets = found.map(({ secret, strategy }) =>
      auditSecret(secret, strategy, rotations.get(secret.arn) ?? [], options.ownerTags, now),
    );
    const unreadable = [
      ...described.filter((each) => 'reason' in each),
      ...skipped.map(({ secretId, message }) => ({ secretId, reason: message })),
      ...unsearched.map(({ place, message }) => ({ secretId: place, reason: message })),
    ];
    return {
      command: 'report',
      exitCode: unreadable.length > 0 || !isComplete ? ExitCode.refused : ExitCode.ok,
      version: ports.version,
      generatedAt: new Date(now),
      ...{ since: new Date(period.since), until: new Date(period.until) },
      ownerTags: [...options.ownerTags],
      secrets: secrets.toSorted((a, b) => (a.secret < b.secret ? -1 : 1)),
      unreadable,
      notes,
    };
  };
  const audit = await showAtIntervals(() => latest, createProgressWriter('report', options, ports), ports, read);
  // A partial report looks complete, so the command writes none.
  endIfInterrupted(ports);
  if (!options.quiet) {
    ports.err.write(`secrets: ${countsOf(audit)}\n`);
  }
  const isPage = options.format === 'html';
  const parts = isPage ? [reportPage(audit)] : [csv(secretRows(audit)), csv(rotationRows(audit))];
  if (options.output === undefined) {
    return { text: parts.join('\n'), document: audit };
  }
  const names = fileNames(options.output, parts.length);
  for (const [index, name] of names.entries()) {
    ports.writeFile(name, parts[index] ?? '');
  }
  return { text: names.map((name) => `${name}\n`).join(''), document: audit };
}

/**
 * The names of the files of a report. For `evidence.csv` and two texts: `evidence.csv` and
 * `evidence-rotations.csv`.
 */
function fileNames(output: string, count: number): readonly string[] {
  const [, stem = output, extension = ''] = /^(.*[^/\\])(\.[^./\\]+)$/.exec(output) ?? [];
  return [output, `${stem}-rotations${extension}`].slice(0, count);
}

interface Described extends LocatedSecret {
  readonly strategy: StrategyName | undefined;
}

/** One secret never hides another. */
async function describe({
  secretId,
  aws,
  secret: found,
}: SelectedSecret): Promise<Described | AuditReport['unreadable'][number]> {
  try {
    const secret = found ?? (await aws.rotation.describeSecret(secretId));
    const { name, config } = await readStrategy(secret, undefined, aws);
    return { secret, aws, strategy: config && name };
  } catch (error) {
    return { secretId, reason: explainAwsError(error).message };
  }
}
