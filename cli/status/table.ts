import { isOverdue } from '../examine/rotation-findings.ts';
import { paragraph } from '../terminal/text.ts';
import { day } from '../terminal/time.ts';
import type { StatusEntry } from './examine-all.ts';

type State = 'problem' | 'undecided' | 'refused' | 'ok';

const MOST_SERIOUS_FIRST: readonly State[] = ['problem', 'undecided', 'refused', 'ok'];

/** A longer name moves the codes of its line to the right. */
const WIDEST_NAME = 40;

/**
 * A line for each secret: last rotation, next rotation, name, and the codes of its findings. The
 * most serious secrets come first.
 */
export function statusTable(entries: readonly StatusEntry[], now: number): string {
  const width = Math.min(WIDEST_NAME, Math.max('secret'.length, ...entries.map((entry) => nameOf(entry).length)));
  const rows = entries.map((entry) => ({ state: stateOf(entry), text: rowOf(entry, now, width) }));
  const ordered = MOST_SERIOUS_FIRST.flatMap((state) => rows.filter((row) => row.state === state));
  const counts = MOST_SERIOUS_FIRST.map((state) => `${rows.filter((row) => row.state === state).length} ${state}`);
  return paragraph(
    `${rows.length} ${rows.length === 1 ? 'secret' : 'secrets'}: ${counts.filter((count) => !count.startsWith('0 ')).join(', ')}`,
    [
      ['state', columns('rotated', 'next', `${'secret'.padEnd(width)}  findings`)],
      ...ordered.map(({ state, text }) => [state, text] as const),
    ],
  );
}

function stateOf({ result, findings }: StatusEntry): State {
  const worst = (['problem', 'undecided'] as const).find((state) =>
    findings.some(({ severity }) => severity === state),
  );
  return worst ?? (result.kind === 'refused' ? 'refused' : 'ok');
}

function nameOf({ result }: StatusEntry): string {
  return result.secret?.name ?? result.secretId;
}

function rowOf(entry: StatusEntry, now: number, width: number): string {
  const { result, findings } = entry;
  const { secret } = result;
  const codes = [...(result.kind === 'refused' ? [result] : []), ...findings].map(({ code }) => code).join(', ');
  const text = `${nameOf(entry).padEnd(width)}  ${codes}`.trimEnd();
  if (secret === undefined) {
    return columns('', '', text);
  }
  const next = isOverdue(secret, now) ? 'overdue' : (day(secret.nextRotationAt) ?? '-');
  return columns(day(secret.lastRotatedAt) ?? '-', next, text);
}

function columns(rotated: string, next: string, secret: string): string {
  return `${rotated.padEnd(12)}${next.padEnd(12)}${secret}`;
}
