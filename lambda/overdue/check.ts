import type { ListedSecret } from './listed-secret.ts';
import { type ConfiguredSecrets, concerns, notListable, notRotatedAmong } from './not-rotated.ts';
import { type Overdue, type OverdueRules, overdueAmong } from './overdue.ts';

export interface OverdueCheckParts extends ConfiguredSecrets {
  /** Every secret of the account and region, in any order. */
  readonly secrets: () => AsyncIterable<ListedSecret>;
  readonly rules: () => OverdueRules;
  /** Reads when a version was stored. `undefined`: the version does not exist any more. */
  readonly readVersionDate: (secretArn: string, versionId: string) => Promise<Date | undefined>;
  readonly wait: (milliseconds: number) => Promise<void>;
  /**
   * `checked`: number of secrets that name the rotation function. `unchecked`: configured secrets
   * that no check of this account can list.
   */
  readonly report: (result: {
    readonly reported: readonly Overdue[];
    readonly checked: number;
    readonly unchecked: readonly string[];
  }) => void;
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

/** Requests at a time, and how long they take at least: 40 a second. Secrets Manager allows 50. */
const AT_ONCE = 8;
const BATCH_MS = 200;

/** Reads the dates of the credentials in AWSPREVIOUS that the cluster still accepts. */
async function withPreviousDates(
  secrets: readonly ListedSecret[],
  { readVersionDate, wait }: OverdueCheckParts,
): Promise<readonly ListedSecret[]> {
  const dates = new Map<ListedSecret, Date | Error | undefined>();
  const asked = secrets.filter(({ acceptedPrevious }) => acceptedPrevious !== undefined);
  for (let start = 0; start < asked.length; start += AT_ONCE) {
    const batch = asked.slice(start, start + AT_ONCE).map(async (secret) => {
      const read = readVersionDate(secret.arn, secret.acceptedPrevious ?? '');
      dates.set(secret, await read.catch((error: Error) => error));
    });
    await Promise.all([wait(BATCH_MS), ...batch]);
  }
  return secrets.map((secret) => ({ ...secret, previousStored: dates.get(secret) }));
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
    const rules = parts.rules();
    const dated = rules.maxAgeDays === undefined ? rotated : await withPreviousDates(rotated, parts);
    const reported = [...overdueAmong(dated, rules), ...notRotatedAmong(secrets, parts, rules)];
    parts.report({ reported, checked: rotated.length, unchecked: notListable(parts) });
    if (reported.length > 0) {
      throw new OverdueError(reported);
    }
  };
}
