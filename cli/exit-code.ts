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
