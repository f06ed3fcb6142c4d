import { type Overdue, type OverdueRules, overdueAmong } from './overdue.ts';
import type { RotatedSecret } from './rotated-secret.ts';

export interface OverdueCheckParts {
  /** Every secret that names the rotation function, in any order. */
  readonly secrets: () => AsyncIterable<RotatedSecret>;
  readonly rules: () => OverdueRules;
  readonly report: (overdue: readonly Overdue[], checked: number) => void;
}

/** At least one secret is overdue. The alarm counts failed invocations, so the check needs no permission for metrics. */
class OverdueError extends Error {
  override readonly name = 'OverdueError' as const;

  constructor(overdue: readonly Overdue[]) {
    const names = overdue.slice(0, 10).map(({ name }) => name);
    const others = overdue.length > names.length ? ` and ${overdue.length - names.length} more` : '';
    super(`OVERDUE: ${overdue.length} of the rotations did not happen: ${names.join(', ')}${others}.`);
  }
}

/** @throws OverdueError if at least one rotation did not happen. */
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
