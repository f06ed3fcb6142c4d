import type { ListedSecret } from './listed-secret.ts';
import { type ConfiguredSecrets, concerns, notListable, notRotatedAmong } from './not-rotated.ts';
import { type Overdue, type OverdueRules, overdueAmong } from './overdue.ts';

export interface OverdueCheckParts extends ConfiguredSecrets {
  /** Every secret of the account and region, in any order. */
  readonly secrets: () => AsyncIterable<ListedSecret>;
  readonly rules: () => OverdueRules;
  readonly report: (result: CheckResult) => void;
}

export interface CheckResult {
  readonly reported: readonly Overdue[];
  /** Number of secrets that name the rotation function. */
  readonly checked: number;
  /** Configured secrets that no check of this account can list. */
  readonly unchecked: readonly string[];
}

/**
 * At least one secret is overdue. The alarm counts failed invocations, so the check needs no
 * permission for metrics.
 */
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
    const secrets: ListedSecret[] = [];
    for await (const secret of parts.secrets()) {
      if (concerns(secret, parts)) {
        secrets.push(secret);
      }
    }
    const rotated = secrets.filter(({ rotationFunctionArn }) => rotationFunctionArn === parts.functionArn);
    const reported = [...overdueAmong(rotated, parts.rules()), ...notRotatedAmong(secrets, parts)];
    parts.report({ reported, checked: rotated.length, unchecked: notListable(parts) });
    if (reported.length > 0) {
      throw new OverdueError(reported);
    }
  };
}
