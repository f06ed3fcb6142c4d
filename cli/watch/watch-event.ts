import { dateWithSeconds, iso } from '../terminal/dates.ts';
import { formatDuration } from '../terminal/duration.ts';
import { printable } from '../terminal/text.ts';

/**
 * - `running`: a rotation that started before the command.
 * - `waiting`: a rotation that failed before the command started, and waits for its next attempt.
 * - `stopped`: a rotation that was cancelled, or whose secret somebody changed.
 * - `changed`: AWSCURRENT moved, by a rotation that the log does not show or by hand.
 */
export interface WatchEvent {
  readonly event: 'running' | 'waiting' | 'started' | 'step-finished' | 'failed' | 'succeeded' | 'stopped' | 'changed';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly secret: string;
  readonly arn: string;
  readonly versionId: string;
  readonly step?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly code?: string;
  readonly message?: string;
  readonly source: 'log' | 'labels';
}

export function eventLine(event: WatchEvent): string {
  return printable(`${dateWithSeconds(event.at)}  ${event.secret}: ${what(event)}`);
}

/** One line of `--json`. docs/cli.md describes it. */
export function eventJson({ at, step, durationMs, code, message, ...event }: WatchEvent): string {
  return JSON.stringify({
    ...event,
    at: iso(at),
    step: step ?? null,
    durationMs: durationMs ?? null,
    code: code ?? null,
    message: message ?? null,
  });
}

function what({ event, versionId, step = 'step', durationMs, code = '', message = '' }: WatchEvent): string {
  const duration = durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`;
  switch (event) {
    case 'running':
      return `rotation is running, version ${versionId}`;
    case 'waiting':
      return `a failed rotation waits for its next attempt, version ${versionId}`;
    case 'started':
      return `rotation started, version ${versionId}`;
    case 'step-finished':
      return `${step} finished${duration}`;
    case 'failed':
      return `${step} FAILED with ${code}: ${message}`;
    case 'succeeded':
      return `rotation succeeded${duration}, AWSCURRENT is version ${versionId}`;
    case 'stopped':
      return `rotation stopped without success, version ${versionId}`;
    case 'changed':
      return `AWSCURRENT moved to version ${versionId}, by a rotation or by hand`;
  }
}
