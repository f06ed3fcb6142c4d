import type { CommandPorts } from '../command-ports.ts';
import { whileShowing } from '../terminal/while-showing.ts';
import { hasCondition } from './conditions.ts';
import { selectSecrets } from './select-secrets.ts';
import type { Selection } from './selection.ts';
import type { SelectionOptions } from './selection-options.ts';

/** Selects secrets as `selectSecrets` does, and shows that a search runs. */
export async function searchSecrets(
  given: readonly string[],
  options: SelectionOptions,
  ports: CommandPorts,
): Promise<Selection> {
  const select = async (): Promise<Selection> => await selectSecrets(given, options, ports);
  if (!hasCondition(options, given)) {
    return await select();
  }
  const work = {
    title: 'search',
    doing: 'listing the secrets of the account, and their functions',
    summarize: ({ selected }: Selection) => `${selected.length} selected`,
  };
  return await whileShowing(work, select, options, ports);
}
