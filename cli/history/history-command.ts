import type { Period, RotatingSecret } from '../aws/aws.ts';
import { describeSecret } from '../aws/place.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { periodOf } from '../terminal/period-options.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { counted, paragraph } from '../terminal/text.ts';
import { date, dateWithSeconds, formatDuration, iso } from '../terminal/time.ts';
import { writeResult } from '../terminal/write-result.ts';
import type { HistoryOptions } from './history-definition.ts';
import { durationOf, type PastRotation, rotationJson, type Source, timeOf } from './past-rotation.ts';
import { type History, readHistory } from './read-history.ts';

interface SecretHistory {
  readonly secret: RotatingSecret;
  readonly history: History;
}

/** Runs `history SECRET`. */
export async function history(
  [secretId = '']: readonly string[],
  options: HistoryOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const period = periodOf(options, ports.clock.now());
  const aws = connectAwsFor(secretId, options, ports);
  const run = async (showProgress: (line: string) => void): Promise<SecretHistory> => {
    const secret = await describeSecret(secretId, aws);
    return { secret, history: await readHistory([{ secret, aws }], period, ports, showProgress) };
  };
  const found = await runTask({ title: secretId, run }, options, ports);
  if (ports.interrupted.aborted) {
    return ExitCode.interrupted;
  }
  // Otherwise an empty list would read as "no rotations".
  const code = found.history.read.size === 0 ? ExitCode.refused : ExitCode.ok;
  const document = { command: 'history', exitCode: code, ...historyJson(found, period) };
  writeResult(options, ports, historyText(found.secret, found.history, period), document);
  return code;
}

function historyJson({ secret: { arn, name }, history: found }: SecretHistory, { since, until }: Period) {
  const rotations = (found.rotations.get(arn) ?? []).map(rotationJson);
  const { read, notes } = found;
  return { secret: name, arn, since: iso(since), until: iso(until), rotations, sourcesRead: [...read], notes };
}

const SOURCE_NAMES: Readonly<Record<Source, string>> = {
  log: 'the log',
  versions: 'the versions',
  cloudtrail: 'CloudTrail',
  labels: 'the labels',
};

/** The newest rotation comes first, because an operator looks for it. */
function historyText({ arn, name }: RotatingSecret, { rotations, notes }: History, period: Period): string {
  const found = rotations.get(arn) ?? [];
  const count = found.filter(({ kind }) => kind === 'rotation').length;
  const title = `${name}: ${counted(count, 'rotation')} from ${date(period.since)} to ${date(period.until)}`;
  return paragraph(title, [
    ...found.toReversed().flatMap(rotationLines),
    ...notes.map(({ message }) => ['note', message] as const),
  ]);
}

function rotationLines(rotation: PastRotation): readonly (readonly [key: string, text: string])[] {
  const { kind, versionId, trigger, outcome, failures, createdKey, deletedKeys = [] } = rotation;
  const duration = durationOf(rotation);
  const when = `${dateWithSeconds(timeOf(rotation))}${duration === undefined ? '' : `, ${formatDuration(duration)}`}`;
  const version = versionId === undefined ? 'version not known' : `version ${versionId}`;
  if (kind === 'version') {
    return [['stored', `${when}, by a rotation or by hand, ${version}. Known from the versions.`]];
  }
  const what = kind === 'test' ? 'test of a new schedule' : `started by ${trigger?.value ?? 'not known'}`;
  return [
    [outcome?.value ?? 'not known', `${when}, ${what}, ${version}. ${describeSources(rotation)}`],
    ...failures.map(
      ({ at, step, code, message }) => ['failure', `${dateWithSeconds(at)}, ${step}, ${code}: ${message}`] as const,
    ),
    ...(createdKey === undefined ? [] : [['created', `API key ${createdKey}`] as const]),
    ...deletedKeys.map(({ id, why }) => ['deleted', `API key ${id}, ${why}`] as const),
  ];
}

function describeSources({ startedAt, endedAt, trigger, outcome }: PastRotation): string {
  const sources = [outcome, startedAt, endedAt, trigger].flatMap((known) =>
    known === undefined ? [] : [known.source],
  );
  return `Known from ${[...new Set(sources)].map((source) => SOURCE_NAMES[source]).join(', ')}.`;
}
