import { describeSecret } from '../aws/place.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { endIfInterrupted } from '../outcome/failure.ts';
import { periodOf } from '../terminal/period-options.ts';
import { createProgressWriter } from '../terminal/progress.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { counted, type Line, paragraph } from '../terminal/text.ts';
import { date, formatDuration } from '../terminal/time.ts';
import type { HistoryOptions } from './history-definition.ts';
import type { HistoryDocument, PastRotation } from './json-schema.ts';
import { timeOf } from './merge-rotations.ts';
import { readHistory } from './read-history.ts';

export async function history(
  [secretId = '']: readonly string[],
  options: HistoryOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  const period = periodOf(options, ports.clock.now());
  const aws = connectAwsFor(secretId, options, ports);
  const showProgress = createProgressWriter(secretId, options, ports);
  const secret = await describeSecret(secretId, aws);
  const { rotations, notes, read } = await readHistory([{ secret, aws }], period, ports, showProgress);
  endIfInterrupted(ports);
  const document: HistoryDocument = {
    command: 'history',
    // Otherwise an empty list would read as "no rotations".
    exitCode: read.size === 0 ? ExitCode.refused : ExitCode.ok,
    ...{ secret: secret.name, arn: secret.arn },
    ...{ since: new Date(period.since), until: new Date(period.until) },
    rotations: rotations.get(secret.arn) ?? [],
    sourcesRead: [...read],
    notes,
  };
  const count = (wanted: PastRotation['kind']): number =>
    document.rotations.filter(({ kind }) => kind === wanted).length;
  const counts = `${counted(count('rotation'), 'rotation')}, ${counted(count('test'), 'test')} and ${counted(count('version'), 'stored value')}`;
  const title = `${document.secret}: ${counts} from ${date(period.since)} to ${date(period.until)}`;
  const text = paragraph(title, [
    // An operator looks for the newest rotation.
    ...document.rotations.toReversed().flatMap(rotationLines),
    ...document.notes.map(({ message }) => ['note', message] as const),
  ]);
  return { text, document };
}

function rotationLines(rotation: PastRotation): readonly Line[] {
  const { kind, versionId, trigger, outcome, durationMs, failures, createdKey, deletedKeys, sources } = rotation;
  const when = `${date(timeOf(rotation))}${durationMs === null ? '' : `, ${formatDuration(durationMs)}`}`;
  const version = versionId === null ? 'version not known' : `version ${versionId}`;
  if (kind === 'version') {
    return [['stored', `${when}, by a rotation or by hand, ${version}. Source: versions.`]];
  }
  const what =
    kind === 'test' ? 'test of a new schedule' : trigger === null ? 'starter not known' : `started by ${trigger}`;
  return [
    [outcome ?? 'not known', `${when}, ${what}, ${version}. Sources: ${sources.join(', ')}.`],
    ...failures.map(
      ({ at, step, code, message }): Line => ['failure', `${date(at ?? 0)}, ${step}, ${code}: ${message}`],
    ),
    ...(createdKey === null ? [] : [['created', `API key ${createdKey}`] as const]),
    ...deletedKeys.map(({ apiKeyId, why }): Line => ['deleted', `API key ${apiKeyId}, ${why}`]),
  ];
}
