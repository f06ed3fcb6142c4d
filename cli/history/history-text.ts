import type { Period, RotatingSecret } from '../aws/aws.ts';
import { counted, paragraph } from '../terminal/text.ts';
import { date, dateWithSeconds, formatDuration } from '../terminal/time.ts';
import { durationOf, type PastRotation, type Source, timeOf } from './past-rotation.ts';
import type { History } from './read-history.ts';

const SOURCE_NAMES: Readonly<Record<Source, string>> = {
  log: 'the log',
  versions: 'the versions',
  cloudtrail: 'CloudTrail',
  labels: 'the labels',
};

/** The newest rotation comes first, because an operator looks for it. */
export function historyText({ arn, name }: RotatingSecret, { rotations, notes }: History, period: Period): string {
  const found = rotations.get(arn) ?? [];
  const count = found.filter(({ kind }) => kind === 'rotation').length;
  const title = `${name}: ${counted(count, 'rotation')} from ${date(period.since)} to ${date(period.until)}`;
  return paragraph(title, [
    ...found.toReversed().flatMap(rotationLines),
    ...notes.map(({ message }) => ['note', message] as const),
  ]);
}

function rotationLines(rotation: PastRotation): readonly (readonly [key: string, text: string])[] {
  const { kind, versionId, trigger, outcome, failures } = rotation;
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
  ];
}

function describeSources({ startedAt, endedAt, trigger, outcome }: PastRotation): string {
  const sources = [outcome, startedAt, endedAt, trigger].flatMap((known) =>
    known === undefined ? [] : [known.source],
  );
  return `Known from ${[...new Set(sources)].map((source) => SOURCE_NAMES[source]).join(', ')}.`;
}
