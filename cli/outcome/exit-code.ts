/** The exit codes of `zilliz-rotation`. Scripts depend on them. */
export const ExitCode = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  failed: 3,
  running: 4,
  refused: 5,
  rejected: 6,
  unconfirmed: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

type ExitCodeName = keyof typeof ExitCode;

/** What exit codes mean, as phrases for `--help`. */
export type ExitCodeMeanings = Readonly<Partial<Record<ExitCodeName, string>>>;

/** What the exit codes mean for every subcommand that says nothing else. */
export const EXIT_CODE_MEANINGS: Readonly<Record<ExitCodeName, string>> = {
  ok: 'done, and proven by a login',
  unexpected: 'a fault of the command',
  usage: 'wrong arguments; nothing was changed',
  failed: 'the command failed, or found a problem',
  running: 'the rotation was still running at the end of the time limit',
  refused: 'not started, and nothing changed',
  rejected: 'AWSCURRENT has moved, and the cluster rejects the new credential',
  unconfirmed: 'this machine cannot find out which credential the cluster accepts',
  interrupted: 'Ctrl-C; what runs in AWS continues',
};

/**
 * The exit codes of a subcommand, with their meanings in the order of the codes.
 *
 * @param own the codes that the subcommand describes. Every subcommand can also end with a fault,
 *   with wrong arguments and at Ctrl-C.
 */
export function exitCodesOf(own: ExitCodeMeanings): readonly { name: string; code: ExitCode; meaning: string }[] {
  const { unexpected, usage, interrupted } = EXIT_CODE_MEANINGS;
  const meanings: ExitCodeMeanings = { unexpected, usage, interrupted, ...own };
  return Object.entries(ExitCode).flatMap(([name, code]) => {
    const meaning = meanings[name as ExitCodeName];
    return meaning === undefined ? [] : [{ name, code, meaning }];
  });
}

/** `unconfirmed` comes last, because it is normal outside the network of the cluster. */
const MOST_SERIOUS_FIRST: readonly ExitCode[] = [
  ExitCode.interrupted,
  ExitCode.unexpected,
  ExitCode.usage,
  ExitCode.rejected,
  ExitCode.failed,
  ExitCode.running,
  ExitCode.refused,
  ExitCode.unconfirmed,
];

export function mostSerious(codes: readonly ExitCode[]): ExitCode {
  return MOST_SERIOUS_FIRST.find((code) => codes.includes(code)) ?? ExitCode.ok;
}
