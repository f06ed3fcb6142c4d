import { ExitCode } from '../outcome/exit-code.ts';
import type { Explanation, Failure } from '../outcome/failure.ts';
import { adviceLines, type Line, paragraph } from '../terminal/text.ts';

/** How a command ends that changes a secret: nothing was to be done, it is done, or a failure. */
export type ChangeOutcome<Done extends string> = { readonly kind: 'in-order' | Done } | Failure;

/** The keys that such commands have in common in their documents. */
export interface ChangeKeys<Done extends string> {
  readonly exitCode: ExitCode;
  readonly outcome: 'in-order' | Done | Failure['kind'];
  readonly error: Explanation | null;
}

export function changeKeys<Done extends string>(outcome: ChangeOutcome<Done>): ChangeKeys<Done> {
  if (!('code' in outcome)) {
    return { exitCode: ExitCode.ok, outcome: outcome.kind, error: null };
  }
  const { kind, code, message, advice } = outcome;
  return { exitCode: ExitCode[kind], outcome: kind, error: { code, message, advice } };
}

const HEADLINES: Readonly<Record<string, string>> = {
  refused: 'nothing was changed',
  failed: 'failed',
  unconfirmed: 'not known on this machine',
  interrupted: 'interrupted',
};

interface ChangeDocument extends ChangeKeys<string> {
  readonly secret: string;
  readonly notes: readonly string[];
  readonly next: string | null;
}

/** @param title and lines, if there was no failure */
export function changeText(
  { secret, outcome, error, notes, next }: ChangeDocument,
  title: string,
  lines: readonly Line[] = [],
): string {
  const noteLines = notes.map((note): Line => ['note', note]);
  return error === null
    ? paragraph(`${secret}: ${title}`, [...lines, ...(next === null ? [] : adviceLines('next', next)), ...noteLines])
    : paragraph(`${secret}: ${HEADLINES[outcome]} (${error.code})`, [
        ['message', error.message],
        ...adviceLines('advice', error.advice),
        ...noteLines,
      ]);
}
