import { Command, CommanderError } from 'commander';
import { AwsError } from './aws/aws-error.ts';
import { failureOf } from './aws/explain-aws-error.ts';
import type { Example } from './command-definition.ts';
import type { CommandPorts } from './command-ports.ts';
import { COMMANDS, type Subcommand } from './commands.ts';
import { EXIT_CODE_MEANINGS, ExitCode, type ExitCodeMeanings, exitCodesOf } from './outcome/exit-code.ts';
import {
  type Explanation,
  explainFault,
  FailureError,
  interruptedBeforeChange,
  UsageError,
} from './outcome/failure.ts';
import { type PlaceOptions, pasteable, placeGiven } from './terminal/advised-commands.ts';
import { jsonText, printable, printableLines } from './terminal/text.ts';

/** What `zilliz-rotation` needs before it knows the subcommand. */
export interface ProgramPorts extends Pick<CommandPorts, 'version' | 'out' | 'err' | 'interrupted'> {
  /** Loads the SDKs of AWS and Milvus. Called only if a subcommand runs. */
  readonly loadCommandPorts: () => Promise<CommandPorts>;
}

/**
 * Runs `zilliz-rotation`. Never throws. With `--json`, an error that ends the command before its
 * document is a document too.
 *
 * @param args without the interpreter and the script
 */
export async function run(args: readonly string[], ports: ProgramPorts): Promise<ExitCode> {
  let code: ExitCode = ExitCode.ok;
  let place: PlaceOptions = {};
  const { out, err } = pasteable(ports, args.includes('--json'), () => place);
  const program = createProgram({ ...ports, out, err }, (commandCode) => {
    code = commandCode;
  }).hook('preAction', (_, command) => {
    place = placeGiven(command);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      return ExitCode.ok;
    }
    const { exitCode, ...explanation } = explain(error, ports.interrupted.aborted);
    // Commander has printed its errors already.
    if (!(error instanceof CommanderError)) {
      err.write(`error: ${printable(`${explanation.message} ${explanation.advice}`)}\n`);
    }
    if (args.includes('--json')) {
      out.write(jsonText({ command: args[0], exitCode, error: explanation }));
    }
    return exitCode;
  }
}

function explain(error: unknown, interrupted: boolean): Explanation & { readonly exitCode: ExitCode } {
  if (error instanceof CommanderError) {
    const message = withoutValues(error.message).replace(/^error: /, '');
    return { exitCode: ExitCode.usage, code: 'usage', message, advice: HELP };
  }
  if (error instanceof UsageError) {
    return { exitCode: ExitCode.usage, code: 'usage', message: error.message, advice: error.advice };
  }
  if (error instanceof AwsError || error instanceof FailureError) {
    // A request may fail before the command notices Ctrl-C.
    const { kind, ...why } = interrupted ? interruptedBeforeChange() : failureOf(error, 'refused');
    return { exitCode: ExitCode[kind], ...why };
  }
  return { exitCode: ExitCode.unexpected, ...explainFault(error) };
}

/** Hides what may be a typed secret: the value of an unknown option, and excess arguments. */
function withoutValues(message: string): string {
  return message
    .replace(/(?<=^error: unknown option '-(?:[^-']|-[^']*=)).+'/s, "…'")
    .replace(/(?<=^error: too many arguments.* but got \d+): .*\./s, '.');
}

const HELP = 'Run the command with --help to see its arguments and options.';

export function createProgram(ports: ProgramPorts, exitWith: (code: ExitCode) => void): Command {
  const program = new Command('zilliz-rotation')
    .description(
      'Takes over, rotates, examines and repairs passwords and API keys of Zilliz Cloud and Milvus clusters in AWS Secrets Manager.',
    )
    .version(ports.version, '--version', 'print the version of this command')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', ({ command }) => `\n${exitCodesText(EXIT_CODE_MEANINGS, command)}`)
    .showHelpAfterError(HELP)
    .configureOutput({
      writeOut: (text) => ports.out.write(text),
      writeErr: (text) => ports.err.write(printableLines(withoutValues(text))),
    });
  for (const subcommand of COMMANDS) {
    addCommand(program, subcommand, ports, exitWith);
  }
  return program;
}

function addCommand(
  program: Command,
  subcommand: Subcommand,
  { loadCommandPorts, out, err }: ProgramPorts,
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
      const options = added.opts();
      const { text, document } = await runCommand(added.args, options, { ...ports, out, err });
      out.write(options['json'] === true ? jsonText(document) : text);
      exitWith(document.exitCode);
    });
  define(added);
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
