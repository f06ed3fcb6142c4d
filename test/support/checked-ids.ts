import type { Need } from '../../cli/verify/register/assumption.ts';
import { ASSUMPTIONS } from '../../cli/verify/register/assumptions.ts';

/** The ids of the assumptions whose checks need none of these, in the order of the checks. */
export function checkedIdsWithout(...others: readonly Need[]): string[] {
  return ASSUMPTIONS.filter(([, each]) => 'check' in each && !each.needs?.some((need) => others.includes(need))).map(
    ([id]) => id,
  );
}
