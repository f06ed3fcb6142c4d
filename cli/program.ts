import { Command, CommanderError } from 'commander';
import { AwsError } from './aws/aws-error.ts';
import { EXIT_CODE_HELP, ExitCode } from './exit-code.ts';
import { addRepairCommand } from './repair/repair-command.ts';
import { addRotateCommand } from './rotate/rotate-command.ts';
import { addStatusCommand } from './status/status-command.ts';
import { type Operator, UsageError } from './terminal/operator.ts';

/**
 * Runs `zilliz-rotation` with these arguments.
 *
 * @param args without the interpreter and the script
 * @returns what the process should exit with; never throws
 */
export async function run(args: readonly string[], operator: Operator): Promise<ExitCode> {
  let code: ExitCode = ExitCode.ok;
  const exitWith = (ended: ExitCode): void => {
    code = ended;
  };
  const program = new Command('zilliz-rotation')
    .description('Rotates Zilliz Cloud and Milvus credentials that live in AWS Secrets Manager.')
    .version(operator.version, '--version', 'display the version of this command')
    .exitOverride()
    .addHelpText('afterAll', `\n${EXIT_CODE_HELP}`)
    .showHelpAfterError('Run the command with --help to see what it takes.')
    .configureOutput({
      writeOut: (text) => operator.out.write(text),
      writeErr: (text) => operator.err.write(text),
    });
  addRotateCommand(program, operator, exitWith);
  addStatusCommand(program, operator, exitWith);
  addRepairCommand(program, operator, exitWith);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    if (error instanceof UsageError) {
      operator.err.write(`error: ${error.message}\n`);
      return ExitCode.usage;
    }
    if (error instanceof AwsError) {
      operator.err.write(`error: ${error.message} ${error.advice}\n`);
      return ExitCode.refused;
    }
    operator.err.write(`error: ${describeFault(error)}\n`);
    return ExitCode.unexpected;
  }
}

/** Name and place, and no more: an error that nobody foresaw may carry anything in its message, a request included. */
function describeFault(error: unknown): string {
  const place = error instanceof Error ? /\n\s+at .*/.exec(error.stack ?? '')?.[0].trim() : undefined;
  return `unexpected ${error instanceof Error ? error.name : typeof error}${place === undefined ? '' : ` ${place}`}. This is a fault of zilliz-rotation: please report it. What runs in AWS goes on; zilliz-rotation status SECRET shows how it stands.`;
}
