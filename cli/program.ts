import { Command, CommanderError } from 'commander';
import { AwsError } from './aws/aws-error.ts';
import type { Example } from './command-definition.ts';
import type { CommandPorts } from './command-ports.ts';
import { COMMANDS, type Subcommand } from './commands.ts';
import { EXIT_CODE_MEANINGS, ExitCode, type ExitCodeMeanings, exitCodesOf } from './outcome/exit-code.ts';
import { UsageError } from './outcome/usage-error.ts';
import { printable, printableLines } from './terminal/text.ts';

/** What `zilliz-rotation` needs before it knows the subcommand. */
export interface ProgramPorts extends Pick<CommandPorts, 'version' | 'out' | 'err'> {
  /** Loads the SDKs of AWS and Milvus. Called only if a subcommand runs. */
  readonly loadCommandPorts: () => Promise<CommandPorts>;
}

/**
 * Runs `zilliz-rotation`. Never throws.
 *
 * @param args without the interpreter and the script
 */
export async function run(args: readonly string[], ports: ProgramPorts): Promise<ExitCode> {
  assumeWidth(ports.out);
  assumeWidth(ports.err);
  let code: ExitCode = ExitCode.ok;
  const program = createProgram(ports, (commandCode) => {
    code = commandCode;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    if (error instanceof UsageError || error instanceof AwsError) {
      ports.err.write(`error: ${printable(`${error.message} ${error.advice}`)}\n`);
      return error instanceof UsageError ? ExitCode.usage : ExitCode.refused;
    }
    ports.err.write(`error: ${describeFault(error)}\n`);
    return ExitCode.unexpected;
  }
}

/** A terminal without a size says that it has 0 columns. A line would break after each letter. */
function assumeWidth(stream: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }): void {
  if (stream.isTTY === true && !stream.columns) {
    stream.columns = 80;
  }
}

/** The program with every subcommand. */
export function createProgram(ports: ProgramPorts, exitWith: (code: ExitCode) => void): Command {
  const program = new Command('zilliz-rotation')
    .description(
      'Takes over, rotates, examines and repairs passwords of Zilliz Cloud and Milvus clusters in AWS Secrets Manager.',
    )
    .version(ports.version, '--version', 'print the version of this command')
    .exitOverride()
    .addHelpText('after', ({ command }) => `\n${exitCodesText(EXIT_CODE_MEANINGS, command)}`)
    .showHelpAfterError('Run the command with --help to see its arguments and options.')
    .configureOutput({
      writeOut: (text) => ports.out.write(text),
      writeErr: (text) => ports.err.write(printableLines(text)),
    });
  for (const subcommand of COMMANDS) {
    addCommand(program, subcommand, ports, exitWith);
  }
  return program;
}

function addCommand(
  program: Command,
  subcommand: Subcommand,
  { loadCommandPorts }: ProgramPorts,
  exitWith: (code: ExitCode) => void,
): void {
  const { name, summary, description, examples, define, exitCodes } = subcommand.definition;
  const added = program
    .command(name)
    .summary(summary)
    .description(description)
    .addHelpText('after', ({ command }) => `\n${examplesText(examples)}\n\n${exitCodesText(exitCodes, command)}`)
    .action(async () => {
      const [runCommand, ports] = await Promise.all([subcommand.load(), loadCommandPorts()]);
      exitWith(await runCommand(added.args, added.opts(), ports).catch(unlessInterrupted(ports)));
    });
  define(added);
}

/** Ctrl-C decides the exit code, also if a request failed before the command noticed Ctrl-C. */
function unlessInterrupted({ interrupted, err }: CommandPorts): (error: unknown) => ExitCode {
  return (error) => {
    if (!(error instanceof AwsError && interrupted.aborted)) {
      throw error;
    }
    err.write('error: The command was interrupted. Nothing was changed.\n');
    return ExitCode.interrupted;
  };
}

function examplesText(examples: readonly Example[]): string {
  return ['Examples:', ...examples.flatMap(({ text, line }) => [`  ${text}`, `    ${line}`])].join('\n');
}

/** @param command whose help is printed: it knows the width of the terminal */
function exitCodesText(exitCodes: ExitCodeMeanings, command: Command): string {
  const helper = command.createHelp();
  const items = exitCodesOf(exitCodes).map(({ code, meaning }) =>
    helper.formatItem(String(code).padStart(3), 3, meaning, helper),
  );
  return ['Exit codes:', ...items, ''].join('\n');
}

/** Names the kind and the place of the error, without its message, which can quote a secret. */
function describeFault(error: unknown): string {
  const place = error instanceof Error ? /\n\s+at .*/.exec(error.stack ?? '')?.[0].trim() : undefined;
  const kind = error instanceof Error ? error.name : typeof error;
  return `unexpected ${kind}${place === undefined ? '' : ` ${place}`}. This is a fault of zilliz-rotation. What runs in AWS continues. ${'Report this line to its maintainers. See the state with `zilliz-rotation status SECRET`.'}`;
}
