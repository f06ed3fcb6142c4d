import { isOverdue } from '../examine/rotation-findings.ts';
import { truncatedList } from '../outcome/failure.ts';
import { counted, type Line, paragraph } from '../terminal/text.ts';
import { day } from '../terminal/time.ts';
import { codesOf, type StatusEntry } from './examine-all.ts';

export function issueLines({ result, findings }: StatusEntry): ReadonlyArray<readonly Line[]> {
  const found = [...(result.kind === 'refused' ? [{ ...result, severity: 'refused' }] : []), ...findings];
  return found.map(({ severity, code, message, advice }) => [
    [severity, `${message} (${code})`],
    ...(advice === '' ? [] : [['', advice] as const]),
  ]);
}

/** What is wrong. What several secrets share is printed once. */
export function issuesTexts(entries: readonly StatusEntry[]): readonly string[] {
  const issues = entries.flatMap((entry) => issueLines(entry).map((lines) => ({ name: nameOf(entry), lines })));
  const byText = Map.groupBy(issues, ({ lines }) => JSON.stringify(lines));
  const byTitle = Map.groupBy(byText.values(), (group) => {
    const names = truncatedList(
      group.map(({ name }) => name),
      ', ',
    );
    return group.length === 1 ? names : `${group.length} secrets: ${names}`;
  });
  return [...byTitle].map(([title, groups]) =>
    paragraph(
      title,
      groups.flatMap(([issue]) => issue?.lines ?? []),
    ),
  );
}

const STATES = ['problem', 'undecided', 'refused', 'ok'] as const;

/** A longer name moves the codes of its line to the right. */
const WIDEST_NAME = 40;

/**
 * A line for each secret: last rotation, next rotation, name, and the codes of its findings. The
 * most serious secrets come first.
 */
export function statusTable(entries: readonly StatusEntry[], now: number): string {
  const width = Math.min(WIDEST_NAME, Math.max('secret'.length, ...entries.map((entry) => nameOf(entry).length)));
  const byState = Map.groupBy(entries, stateOf);
  const groups = STATES.map((state) => [state, byState.get(state) ?? []] as const).filter(
    ([, { length }]) => length > 0,
  );
  return paragraph(
    `${counted(entries.length, 'secret')}: ${groups.map(([state, { length }]) => `${length} ${state}`).join(', ')}`,
    [
      ['state', columns('rotated', 'next', `${'secret'.padEnd(width)}  findings`)],
      ...groups.flatMap(([state, group]) => group.map((entry): Line => [state, rowOf(entry, now, width)])),
    ],
  );
}

function stateOf({ result, findings }: StatusEntry): (typeof STATES)[number] {
  const worst = (['problem', 'undecided'] as const).find((state) =>
    findings.some(({ severity }) => severity === state),
  );
  return worst ?? (result.kind === 'refused' ? 'refused' : 'ok');
}

function nameOf({ result }: StatusEntry): string {
  return result.secret?.name ?? result.secretId;
}

function rowOf(entry: StatusEntry, now: number, width: number): string {
  const { secret } = entry.result;
  const text = `${nameOf(entry).padEnd(width)}  ${codesOf(entry).join(', ')}`.trimEnd();
  return secret === undefined
    ? columns('', '', text)
    : columns(
        day(secret.lastRotatedAt) ?? '-',
        isOverdue(secret, now) ? 'overdue' : (day(secret.nextRotationAt) ?? '-'),
        text,
      );
}

function columns(rotated: string, next: string, secret: string): string {
  return `${rotated.padEnd(12)}${next.padEnd(12)}${secret}`;
}
