/**
 * What `zilliz-rotation` exits with; docs/cli.md promises these numbers to scripts.
 */
export const ExitCode = {
  /** Done, and proven by a login. */
  ok: 0,
  /** A fault of the tool itself, or an answer that nobody foresaw. */
  unexpected: 1,
  /** Wrong arguments; nothing was asked of AWS. */
  usage: 2,
  /** rotate: the rotation failed. status: something needs a hand. repair: could not be repaired. */
  failed: 3,
  /** Still going on when the time was up, or when it could no longer be watched. */
  running: 4,
  /** Not begun, nothing changed: no such secret, access denied, a previous rotation is incomplete, … */
  refused: 5,
  /** AWSCURRENT has moved and the cluster rejects it: applications that read the secret now are locked out. */
  rejected: 6,
  /** What the cluster thinks could not be found out from here: unreachable, forbidden, or its endpoint is not allowed. */
  unconfirmed: 7,
  /** Ctrl-C. What runs in AWS goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** For --help: what each number means, in a few words; docs/cli.md says the rest. */
export const EXIT_CODE_HELP: string = [
  'Exit codes:',
  '    0  done, and proven by a login; status: nothing needs a hand',
  '    1  a fault of this tool',
  '    2  wrong arguments',
  '    3  failed; status: there is a problem',
  '    4  rotate: still running when the time was up',
  '    5  refused, nothing was changed',
  '    6  rotate: AWSCURRENT has moved, and the cluster rejects it',
  '    7  what the cluster thinks could not be found out from here',
  '  130  interrupted; what runs in AWS goes on',
  '',
].join('\n');

/** Ordered by what an operator must hear first. `unconfirmed` comes last: outside the cluster's network it is normal. */
const GRAVEST_FIRST: readonly ExitCode[] = [
  ExitCode.interrupted,
  ExitCode.unexpected,
  ExitCode.usage,
  ExitCode.rejected,
  ExitCode.failed,
  ExitCode.running,
  ExitCode.refused,
  ExitCode.unconfirmed,
];

/** The exit code for several secrets: that of the one that fared worst. */
export function gravest(codes: readonly ExitCode[]): ExitCode {
  return GRAVEST_FIRST.find((code) => codes.includes(code)) ?? ExitCode.ok;
}
