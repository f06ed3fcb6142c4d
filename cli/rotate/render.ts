import { placeText } from '../aws/place.ts';
import { formOf, nameOf } from '../credential-forms/forms.ts';
import { counted, paragraph } from '../terminal/text.ts';
import { formatDuration } from '../terminal/time.ts';
import { exitCodeOf, type NotProven, type Rotated, type RotateOutcome, type RotateReport } from './report.ts';

/** The outcome in a few words, with its code. */
export function headlineOf(outcome: RotateOutcome): string {
  return outcome.kind === 'rotated' ? HEADLINES.rotated : `${HEADLINES[outcome.kind]} (${outcome.code})`;
}

export function reportText({ outcome, secretId, arn, versionId = '', durationMs, notes }: RotateReport): string {
  const place = arn === undefined ? undefined : (['place', placeText(arn)] as const);
  if (outcome.kind === 'rotated') {
    const { user, roles } = outcome.login;
    const withRoles = roles.length === 0 ? '' : ` (roles: ${roles.join(', ')})`;
    return paragraph(`${secretId}: rotated in ${formatDuration(durationMs)}`, [
      ['AWSCURRENT', versionId],
      ['login', `${nameOf(user)} at ${user.endpoint.url} is accepted${withRoles}`],
      place,
      ...notes.map((note) => ['note', note] as const),
    ]);
  }
  const { message, inForce, retryable, advice } = outcome;
  return paragraph(`${secretId}: ${headlineOf(outcome)}`, [
    ['message', message],
    inForce === undefined ? undefined : ['accepted', inForce],
    retryable === undefined ? undefined : ['retryable', retryable ? 'yes' : 'no'],
    ['advice', advice],
    place,
  ]);
}

/** For several secrets, or several rotations of a secret: how many had each outcome. */
export function totalText(reports: readonly RotateReport[]): string {
  const isOfSecrets = new Set(reports.map(({ secretId }) => secretId)).size === reports.length;
  const kinds = Object.keys(HEADLINES) as RotateOutcome['kind'][];
  const counts = kinds
    .map((kind) => ({ kind, count: reports.filter(({ outcome }) => outcome.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${HEADLINES[kind]}`);
  return `${counted(reports.length, isOfSecrets ? 'secret' : 'rotation')}: ${counts.join(', ')}.\n`;
}

/** One secret in the document of `--json`. `json-schema.ts` describes it. */
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
    login: outcome.kind === 'rotated' ? loginJson(outcome.login) : null,
    error: outcome.kind === 'rotated' ? null : errorJson(outcome),
    notes: report.notes,
  };
}

function loginJson({ user, roles }: Rotated['login']): Record<string, unknown> {
  return { endpoint: user.endpoint.url, ...formOf(user).json(user.username), roles };
}

function errorJson({ code, message, advice, step, retryable, inForce }: NotProven): Record<string, unknown> {
  return { code, message, advice, step: step ?? null, retryable: retryable ?? null, inForce: inForce ?? null };
}

const HEADLINES: Readonly<Record<RotateOutcome['kind'], string>> = {
  rotated: 'rotated',
  refused: 'not started',
  failed: 'failed',
  running: 'still running',
  rejected: 'rotated, but the cluster rejects the new credential',
  unconfirmed: 'rotated, not proven from this machine',
  interrupted: 'interrupted',
  unexpected: 'fault of the command',
};
