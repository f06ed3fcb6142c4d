/** The exit codes of `zilliz-rotation`. Scripts depend on them; docs/cli.md describes them. */
export const ExitCode = {
  /** Done, and proven by a login. */
  ok: 0,
  /** A fault of this command. */
  unexpected: 1,
  /** Wrong arguments. The command did not call AWS. */
  usage: 2,
  /** rotate: the rotation failed. status: there is a problem. repair: the repair failed. */
  failed: 3,
  /** rotate: still running at the end of the time limit, or no longer visible to this command. */
  running: 4,
  /** Not started, and nothing changed: no such secret, access denied, rotation off, … */
  refused: 5,
  /** rotate: AWSCURRENT has moved and the cluster rejects it, so applications cannot log in. */
  rejected: 6,
  /** This machine cannot find out which password is in force. */
  unconfirmed: 7,
  /** Ctrl-C. What runs in AWS continues. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODE_HELP: string = [
  'Exit codes:',
  '    0  done, and proven by a login; status: there is no problem',
  '    1  a fault of this command',
  '    2  wrong arguments',
  '    3  failed; status: there is a problem',
  '    4  rotate: still running at the end of the time limit',
  '    5  not started, and nothing changed',
  '    6  rotate: AWSCURRENT has moved, and the cluster rejects the new password',
  '    7  this machine cannot find out which password the cluster accepts',
  '  130  interrupted; what runs in AWS continues',
  '',
].join('\n');

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

/** The exit code of a command for several secrets. */
export function mostSerious(codes: readonly ExitCode[]): ExitCode {
  return MOST_SERIOUS_FIRST.find((code) => codes.includes(code)) ?? ExitCode.ok;
}
