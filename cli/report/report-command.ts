import type { LocatedSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { createPace } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';
import { readHistory } from '../history/read-history.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { hasCondition } from '../select/conditions.ts';
import type { SelectedSecret } from '../select/search.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import { periodOf } from '../terminal/period-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { jsonText } from '../terminal/text.ts';
import { auditSecret, readConfiguredStrategy } from './audit-secret.ts';
import { rotationsCsv, secretsCsv } from './csv.ts';
import type { AuditReport } from './json-schema.ts';
import { reportPage } from './page.ts';
import type { Format, ReportOptions } from './report-definition.ts';

const DESCRIBES_PER_SECOND = 40;

const AT_A_TIME = 10;

export async function report(given: readonly string[], options: ReportOptions, ports: CommandPorts): Promise<ExitCode> {
  const now = ports.clock.now();
  const period = periodOf(options, now);
  const isAll = given.length === 0 && !hasCondition(options);
  const { selected, skipped, unsearched } = await searchSecrets(
    given,
    isAll ? { ...options, all: true } : options,
    ports,
  );
  let latest = 'reading the secrets';
  const update = (line: string): void => {
    latest = line;
  };
  const read = async (): Promise<AuditReport> => {
    const found = await describeAll(selected, ports, update);
    const strategies = await mapConcurrently(found.secrets, AT_A_TIME, readConfiguredStrategy);
    const { rotations, notes } = await readHistory(found.secrets, period, ports, update);
    const secrets = found.secrets.map(({ secret }, index) =>
      auditSecret(secret, strategies[index], rotations.get(secret.arn) ?? [], options.ownerTags, now),
    );
    const unreadable = [
      ...found.unreadable,
      ...skipped.map(({ secretId, reason }) => ({ secretId, reason })),
      ...unsearched.map(({ place, message }) => ({ secretId: place, reason: message })),
    ];
    return {
      command: 'report',
      exitCode: unreadable.length > 0 ? ExitCode.refused : ExitCode.ok,
      version: ports.version,
      generatedAt: new Date(now),
      ...{ since: new Date(period.since), until: new Date(period.until) },
      ownerTags: [...options.ownerTags],
      secrets: secrets.toSorted((a, b) => (a.secret < b.secret ? -1 : 1)),
      unreadable,
      notes,
    };
  };
  const audit = await runTask({ title: 'report', progress: () => latest, run: read }, options, ports);
  if (ports.interrupted.aborted) {
    // A partial report looks complete, so the command writes none.
    return ExitCode.interrupted;
  }
  write(audit, options, ports);
  return audit.exitCode;
}

function write(audit: AuditReport, options: ReportOptions, ports: CommandPorts): void {
  const parts = render(audit, options.json ? 'json' : options.format);
  if (options.output === undefined) {
    ports.out.write(parts.join('\n'));
    return;
  }
  for (const [index, name] of fileNames(options.output, parts.length).entries()) {
    ports.writeFile(name, parts[index] ?? '');
    ports.out.write(`${name}\n`);
  }
}

function render(audit: AuditReport, format: Format): readonly string[] {
  switch (format) {
    case 'html':
      return [reportPage(audit)];
    case 'csv':
      return [secretsCsv(audit), rotationsCsv(audit)];
    case 'json':
      return [jsonText(audit)];
  }
}

/**
 * The names of the files of a report. For `evidence.csv` and two texts: `evidence.csv` and
 * `evidence-rotations.csv`.
 */
function fileNames(output: string, count: number): readonly string[] {
  const [, stem = output, extension = ''] = /^(.*[^/\\])(\.[^./\\]+)$/.exec(output) ?? [];
  return [output, `${stem}-rotations${extension}`].slice(0, count);
}

async function describeAll(
  selected: readonly SelectedSecret[],
  { clock, interrupted }: CommandPorts,
  showProgress: (line: string) => void,
): Promise<{ secrets: readonly LocatedSecret[]; unreadable: AuditReport['unreadable'] }> {
  const pace = createPace(clock, DESCRIBES_PER_SECOND, interrupted);
  const secrets: LocatedSecret[] = [];
  const unreadable: { secretId: string; reason: string }[] = [];
  await Promise.all(
    selected.map(async ({ secretId, aws, secret: found }) => {
      try {
        if (found === undefined) {
          await pace.wait();
        }
        secrets.push({ secret: found ?? (await aws.rotation.describeSecret(secretId)), aws });
      } catch (error) {
        unreadable.push({ secretId, reason: explainAwsError(error).message });
      }
      showProgress(`${secrets.length} of ${selected.length} secrets`);
    }),
  );
  return { secrets, unreadable };
}
