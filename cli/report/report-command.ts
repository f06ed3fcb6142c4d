import type { LocatedSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { mapConcurrently } from '../aws/map-concurrently.ts';
import { createPace } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';
import { readStrategy } from '../examine/read-strategy.ts';
import { readHistory } from '../history/read-history.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { hasCondition } from '../select/conditions.ts';
import { searchSecrets } from '../select/select-secrets.ts';
import type { SelectedSecret } from '../select/selection.ts';
import { periodOf } from '../terminal/period-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { jsonText } from '../terminal/text.ts';
import { type AuditReport, createAudit } from './audit-report.ts';
import { reportJson, rotationsCsv, secretsCsv } from './json.ts';
import { reportPage } from './page.ts';
import type { Format, ReportOptions } from './report-definition.ts';

const DESCRIBES_PER_SECOND = 40;

const AT_A_TIME = 10;

/** Runs `report [SECRET…]`. */
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
    const { secrets, unreadable } = await describeAll(selected, ports, update);
    return createAudit({
      version: ports.version,
      generatedAt: now,
      period,
      ownerTags: options.ownerTags,
      secrets: secrets.map(({ secret }) => secret),
      strategies: new Map((await mapConcurrently(secrets, AT_A_TIME, strategyOf)).flat()),
      past: await readHistory(secrets, period, ports, update),
      unreadable: [
        ...unreadable,
        ...skipped.map(({ secretId, reason }) => ({ secretId, reason })),
        ...unsearched.map(({ place, message }) => ({ secretId: place, reason: message })),
      ],
    });
  };
  const audit = await runTask({ title: 'report', progress: () => latest, run: read }, options, ports);
  if (ports.interrupted.aborted) {
    // A partial report looks complete, so the command writes none.
    return ExitCode.interrupted;
  }
  const code = audit.unreadable.length > 0 ? ExitCode.refused : ExitCode.ok;
  write(audit, code, options, ports);
  return code;
}

/** The name of the strategy by the ARN of the secret. Empty if it is not known. */
async function strategyOf({ secret, aws }: LocatedSecret): Promise<readonly (readonly [arn: string, name: string])[]> {
  const { name, source } = await readStrategy(secret, undefined, aws);
  return source === 'function' ? [[secret.arn, name]] : [];
}

function write(audit: AuditReport, code: ExitCode, options: ReportOptions, ports: CommandPorts): void {
  const parts = render(audit, options.json ? 'json' : options.format, code);
  if (options.output === undefined) {
    ports.out.write(parts.join('\n'));
    return;
  }
  for (const [index, name] of fileNames(options.output, parts.length).entries()) {
    ports.writeFile(name, parts[index] ?? '');
    ports.out.write(`${name}\n`);
  }
}

/** The texts of a report, each for a file of its own. */
function render(audit: AuditReport, format: Format, code: ExitCode): readonly string[] {
  switch (format) {
    case 'html':
      return [reportPage(audit)];
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
