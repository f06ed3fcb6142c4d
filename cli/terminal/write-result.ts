import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';
import { jsonText } from './text.ts';

export function writeResult(
  { json }: SharedOptions,
  { out }: Pick<CommandPorts, 'out'>,
  text: string,
  document: unknown,
): void {
  out.write(json ? jsonText(document) : text);
}
