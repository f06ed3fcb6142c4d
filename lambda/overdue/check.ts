import { type Overdue, type OverdueRules, overdueAmong } from './overdue.ts';
import type { RotatedSecret } from './rotated-secret.ts';

export interface OverdueCheckParts {
  /** Every secret that names the rotation function, in no order. */
  readonly secrets: () => AsyncIterable<RotatedSecret>;
  readonly rules: () => OverdueRules;
  readonly report: (overdue: readonly Overdue[], checked: number) => void;
}

/**
 * Thrown when a secret is overdue: the failed invocation is what the alarm sees, and no permission to write metrics is
 * needed for it.
 */
class OverdueError extends Error {
  override readonly name = 'OverdueError' as const;

  constructor(overdue: readonly Overdue[]) {
    const names = overdue.slice(0, 10).map(({ name }) => name);
    const others = overdue.length > names.length ? ` and ${overdue.length - names.length} more` : '';
    super(`OVERDUE: ${overdue.length} of the rotations did not happen: ${names.join(', ')}${others}.`);
  }
}

/** @throws OverdueError when at least one rotation did not happen. */
export function createOverdueCheck(parts: OverdueCheckParts): () => Promise<void> {
  return async () => {
    const secrets: RotatedSecret[] = [];
    for await (const secret of parts.secrets()) {
      secrets.push(secret);
    }
    const overdue = overdueAmong(secrets, parts.rules());
    parts.report(overdue, secrets.length);
    if (overdue.length > 0) {
      throw new OverdueError(overdue);
    }
  };
}
