import { Command, CommanderError } from 'commander';
import { AwsError } from './aws/aws-error.ts';
import type { CommandPorts } from './command-ports.ts';
import { EXIT_CODE_HELP, ExitCode } from './exit-code.ts';
import { addInitCommand } from './init/init-command.ts';
import { addRepairCommand } from './repair/repair-command.ts';
import { addRotateCommand, rotateNow } from './rotate/rotate-command.ts';
import { addStatusCommand } from './status/status-command.ts';
import { UsageError } from './terminal/options.ts';

/**
 * Runs `zilliz-rotation`. Never throws.
 *
 * @param args without the interpreter and the script
 */
export async function run(args: readonly string[], ports: CommandPorts): Promise<ExitCode> {
  let code: ExitCode = ExitCode.ok;
  const exitWith = (commandCode: ExitCode): void => {
    code = commandCode;
  };
  const program = new Command('zilliz-rotation')
    .description(
      'Takes over, rotates, examines and repairs passwords of Zilliz Cloud and Milvus clusters in AWS Secrets Manager.',
    )
    .version(ports.version, '--version', 'print the version of this command')
    .exitOverride()
    .addHelpText('afterAll', `\n${EXIT_CODE_HELP}`)
    .showHelpAfterError('Run the command with --help to see its arguments and options.')
    .configureOutput({
      writeOut: (text) => ports.out.write(text),
      writeErr: (text) => ports.err.write(text),
    });
  addInitCommand(program, ports, exitWith, (secretId, options) => rotateNow(secretId, options, ports));
  addRotateCommand(program, ports, exitWith);
  addStatusCommand(program, ports, exitWith);
  addRepairCommand(program, ports, exitWith);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    if (error instanceof UsageError) {
      ports.err.write(`error: ${error.message}\n`);
      return ExitCode.usage;
    }
    if (error instanceof AwsError) {
      ports.err.write(`error: ${error.message} ${error.advice}\n`);
      return ExitCode.refused;
    }
    ports.err.write(`error: ${describeFault(error)}\n`);
    return ExitCode.unexpected;
  }
}

/** Names the kind and the place of the error, without its message, which can quote a secret. */
function describeFault(error: unknown): string {
  const place = error instanceof Error ? /\n\s+at .*/.exec(error.stack ?? '')?.[0].trim() : undefined;
  const kind = error instanceof Error ? error.name : typeof error;
  return `unexpected ${kind}${place === undefined ? '' : ` ${place}`}. This is a fault of zilliz-rotation. Report this line to its maintainers. What runs in AWS continues; \`zilliz-rotation status SECRET\` shows the state.`;
}
