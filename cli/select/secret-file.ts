import type { CommandPorts } from '../command-ports.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { readFileOf } from '../terminal/read-options.ts';

const ONE_IN_EACH_LINE: string = 'Write one name or ARN in each line.';

/**
 * The names and ARNs in a file.
 *
 * @throws UsageError if the file cannot be read or names no secret
 */
export function readSecretFile(path: string | undefined, ports: Pick<CommandPorts, 'readFile'>): string[] {
  if (path === undefined) {
    return [];
  }
  const secretIds = readFileOf('--file', path, ports)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  const wrong = secretIds.findIndex((secretId) => !/^[\w/+=.@:-]+$/.test(secretId));
  if (wrong !== -1) {
    // The line may be a credential that somebody put into the wrong file, so it is not shown.
    throw new UsageError(`--file ${path}: entry ${wrong + 1} is no name or ARN of a secret.`, ONE_IN_EACH_LINE);
  }
  if (secretIds.length === 0) {
    throw new UsageError(`--file ${path} names no secret.`, ONE_IN_EACH_LINE);
  }
  return secretIds;
}
