import { ExitCode } from '../outcome/exit-code.ts';
import type { Explanation, Failure } from '../outcome/failure.ts';
import { type Line, paragraph } from '../terminal/text.ts';

/** How a command ends that changes a secret: as asked, or with a failure. */
export type ChangeOutcome = { readonly kind: 'in-order' | 'ready' | 'repaired' } | Failure;

export function exitCodeOf(outcome: ChangeOutcome): ExitCode {
  return 'code' in outcome ? ExitCode[outcome.kind] : ExitCode.ok;
}

const HEADLINES: Readonly<Record<Failure['kind'], string>> = {
  refused: 'nothing was changed',
  failed: 'failed',
  unconfirmed: 'not known on this machine',
  interrupted: 'interrupted',
};

export function failureText(
  secretId: string,
  { kind, code, message, advice }: Failure,
  notes: readonly Line[],
): string {
  return paragraph(`${secretId}: ${HEADLINES[kind]} (${code})`, [['message', message], ['advice', advice], ...notes]);
}

export function errorJson(outcome: ChangeOutcome): Explanation | null {
  if (!('code' in outcome)) {
    return null;
  }
  const { code, message, advice } = outcome;
  return { code, message, advice };
}
