import type { CommandPorts } from './command-ports.ts';
import type { ExitCode } from './exit-code.ts';

/**
 * Runs a subcommand.
 *
 * @param args the arguments that are not options
 * @param options as commander names them
 * @throws UsageError, AwsError
 */
// biome-ignore lint/suspicious/noExplicitAny: commander checks the options when it parses them
export type RunCommand<Options = any> = (
  args: readonly string[],
  options: Options,
  ports: CommandPorts,
) => Promise<ExitCode>;
