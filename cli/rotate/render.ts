import { formatDuration } from '../terminal/duration.ts';
import { printable } from '../terminal/printable.ts';
import type { TaskEnd } from '../terminal/task-list.ts';
import { exitCodeOf, type RotateOutcome, type RotateReport } from './outcome.ts';
import type { RotateProgress } from './progress.ts';
import type { StepRun } from './story.ts';

/** One line about what just happened. */
export function progressLine(progress: RotateProgress): string {
  switch (progress.kind) {
    case 'waiting-for-previous':
      return `another rotation, or the test of a new schedule, is under way: waiting up to ${formatDuration(progress.atMostMs)} for its end`;
    case 'started':
      return `rotation started, version ${progress.versionId}`;
    case 'step':
      return stepLine(progress.run);
    case 'waiting-for-retry':
      return `a further attempt may pass: waiting up to ${formatDuration(progress.atMostMs)} for Secrets Manager to make it`;
    case 'promoted':
      return `AWSCURRENT has moved to version ${progress.versionId}`;
    case 'logging-in':
      return `logging in to ${progress.endpoint} as ${progress.user} with the new password`;
    case 'note':
      return `note: ${printable(progress.text)}`;
  }
}

/** The last line of one secret in the task list. */
export function taskEnd({ outcome, durationMs }: RotateReport): TaskEnd {
  return outcome.kind === 'rotated'
    ? { good: true, line: `rotated in ${formatDuration(durationMs)}` }
    : { good: false, line: `${HEADLINES[outcome.kind]} (${printable(outcome.code)})` };
}

/** The result for people, one secret. */
export function reportText(report: RotateReport): string {
  const { outcome, secretId } = report;
  if (outcome.kind === 'rotated') {
    return [
      `${secretId}: rotated in ${formatDuration(report.durationMs)}`,
      `  AWSCURRENT   ${report.versionId ?? ''}`,
      `  login        ${outcome.user} at ${outcome.endpoint} is accepted${rolesOf(outcome.roles)}`,
      '',
    ].join('\n');
  }
  const lines = [
    `${secretId}: ${HEADLINES[outcome.kind]} (${outcome.code})`,
    `  what   ${outcome.message}`,
    ...(outcome.kind === 'failed' && outcome.inForce !== undefined ? [`  in force   ${outcome.inForce}`] : []),
    ...(outcome.kind === 'failed' ? [`  retryable   ${outcome.retryable ? 'yes' : 'no'}`] : []),
    `  next   ${outcome.advice}`,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** For several secrets: how many came to what. */
export function summaryText(reports: readonly RotateReport[]): string {
  const kinds = Object.keys(HEADLINES) as RotateOutcome['kind'][];
  const counts = kinds
    .map((kind) => ({ kind, count: reports.filter(({ outcome }) => outcome.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${HEADLINES[kind]}`);
  return `${reports.length} secrets: ${counts.join(', ')}.\n`;
}

/** One secret in the document that `--json` prints; docs/cli.md describes it. */
export function reportJson(report: RotateReport): Record<string, unknown> {
  const { outcome } = report;
  return {
    secret: report.secretId,
    arn: report.arn ?? null,
    outcome: outcome.kind,
    exitCode: exitCodeOf(outcome),
    versionId: report.versionId ?? null,
    previousVersionId: report.previousVersionId ?? null,
    durationMs: report.durationMs,
    login:
      outcome.kind === 'rotated' ? { endpoint: outcome.endpoint, username: outcome.user, roles: outcome.roles } : null,
    error:
      outcome.kind === 'rotated'
        ? null
        : {
            code: outcome.code,
            message: outcome.message,
            advice: outcome.advice,
            step: outcome.kind === 'failed' ? (outcome.step ?? null) : null,
            retryable: outcome.kind === 'failed' ? outcome.retryable : null,
            inForce: outcome.kind === 'failed' ? (outcome.inForce ?? null) : null,
          },
    steps: report.steps.map(({ step, attempt, outcome: ended, durationMs, failure }) => ({
      step,
      attempt,
      outcome: ended,
      durationMs: durationMs ?? null,
      errorCode: failure?.code ?? null,
    })),
    notes: report.notes,
  };
}

const HEADLINES: Readonly<Record<RotateOutcome['kind'], string>> = {
  rotated: 'rotated',
  refused: 'not started',
  failed: 'failed',
  running: 'still running',
  rejected: 'rotated, but the cluster rejects the new password',
  unconfirmed: 'rotated, login not confirmed from here',
  interrupted: 'interrupted',
};

function stepLine({ step, attempt, outcome, durationMs, failure }: StepRun): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  switch (outcome) {
    case 'running':
      return `${step}${again} started`;
    case 'finished':
      return `${step}${again} finished${durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`}`;
    case 'failed':
      return `${step}${again} failed: ${printable(failure?.message ?? 'no reason was logged')}`;
  }
}

function rolesOf(roles: readonly string[]): string {
  return roles.length === 0 ? '' : ` (roles: ${roles.map(printable).join(', ')})`;
}
