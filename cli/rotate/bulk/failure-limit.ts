import { ValueError } from '../../outcome/usage-error.ts';
import type { RotateOutcome } from '../report.ts';

/** How many rotations may fail before no further rotation starts. */
export type FailureLimit = { readonly share: number } | { readonly count: number };

/** A share says nothing about a few rotations. */
const SMALLEST_SAMPLE = 20;

/** A parser for commander: `10%` or `5`. */
export function parseFailureLimit(text: string): FailureLimit {
  const [, number = '', percent] = /^(\d{1,5})(%?)$/.exec(text) ?? [];
  if (number === '' || (percent === '%' && Number(number) > 100)) {
    throw new ValueError('Expected a share such as 10%, or a number of secrets.');
  }
  return percent === '%' ? { share: Number(number) / 100 } : { count: Number(number) };
}

/** Everything except a rotation that is complete, or that Ctrl-C left to AWS. */
export function isFailure({ kind }: RotateOutcome): boolean {
  return kind !== 'rotated' && kind !== 'unconfirmed' && kind !== 'interrupted';
}

export function isExceeded(limit: FailureLimit, { failed, ended }: { failed: number; ended: number }): boolean {
  return 'count' in limit ? failed > limit.count : ended >= SMALLEST_SAMPLE && failed > limit.share * ended;
}
