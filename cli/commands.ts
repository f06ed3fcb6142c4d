import type { CommandDefinition } from './command-definition.ts';
import type { CommandPorts, CommandResult } from './command-ports.ts';
import { doctorDefinition } from './doctor/doctor-definition.ts';
import { historyDefinition } from './history/history-definition.ts';
import { initDefinition } from './init/init-definition.ts';
import { repairDefinition } from './repair/repair-definition.ts';
import { reportDefinition } from './report/report-definition.ts';
import { rotateDefinition } from './rotate/rotate-definition.ts';
import { statusDefinition } from './status/status-definition.ts';
import { verifyDefinition } from './verify/verify-definition.ts';

/**
 * Runs a subcommand.
 *
 * @param args the arguments that are not options
 * @param options as commander names them
 * @throws UsageError, AwsError, FailureError
 */
// biome-ignore lint/suspicious/noExplicitAny: commander checks the options when it parses them
type RunCommand = (args: readonly string[], options: any, ports: CommandPorts) => Promise<CommandResult>;

export interface Subcommand {
  readonly definition: CommandDefinition;
  readonly load: () => Promise<RunCommand>;
}

export const COMMANDS: readonly Subcommand[] = [
  { definition: initDefinition, load: async () => (await import('./init/init-command.ts')).init },
  { definition: rotateDefinition, load: async () => (await import('./rotate/rotate-command.ts')).rotate },
  { definition: statusDefinition, load: async () => (await import('./status/status-command.ts')).status },
  { definition: doctorDefinition, load: async () => (await import('./doctor/doctor-command.ts')).doctor },
  { definition: repairDefinition, load: async () => (await import('./repair/repair-command.ts')).repair },
  { definition: historyDefinition, load: async () => (await import('./history/history-command.ts')).history },
  { definition: reportDefinition, load: async () => (await import('./report/report-command.ts')).report },
  { definition: verifyDefinition, load: async () => (await import('./verify/verify-command.ts')).verify },
];
