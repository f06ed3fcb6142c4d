import { isRevocation } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { placeText } from '../aws/place.ts';
import { nameInJson } from '../credential-forms.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { adviceLines, counted, type Line, paragraph } from '../terminal/text.ts';
import { formatDuration } from '../terminal/time.ts';
import type { RotateReport } from './json-schema.ts';
import type { RotateOutcome } from './outcome.ts';

/** @param known what differs from a secret for which the command did not call RotateSecret */
export function reportOf(secretId: string, outcome: RotateOutcome, known: Partial<RotateReport> = {}): RotateReport {
  const base = { secret: secretId, arn: null, versionId: null, previousVersionId: null, durationMs: 0, notes: [] };
  if (outcome.kind === 'rotated') {
    const { kind, login } = outcome;
    return { ...base, outcome: kind, exitCode: ExitCode.ok, login, error: null, ...known };
  }
  const { kind, code, message, advice, step = null, retryable = null, accepted: inForce = null } = outcome;
  const error = { code, message, advice, step, retryable, inForce };
  return { ...base, outcome: kind, exitCode: ExitCode[kind], login: null, error, ...known };
}

/** The outcome in a few words, with its code. */
function headlineOf({ outcome, error }: RotateReport): string {
  return error === null ? HEADLINES[outcome] : `${HEADLINES[outcome]} (${error.code})`;
}

export function reportText(report: RotateReport): string {
  const { secret, arn, login, error, versionId, durationMs, notes } = report;
  const place: Line | undefined = arn === null ? undefined : ['place', placeText(arn)];
  if (login !== null) {
    const { endpoint, roles } = login;
    const withRoles = roles.length === 0 ? '' : ` (roles: ${roles.join(', ')})`;
    return paragraph(`${secret}: rotated in ${formatDuration(durationMs)}`, [
      ['AWSCURRENT', versionId ?? ''],
      ['login', `${nameInJson(login)} at ${endpoint} is accepted${withRoles}`],
      place,
      ...notes.map((note): Line => ['note', note]),
    ]);
  }
  const { message = '', advice = '', inForce = null, retryable = null } = error ?? {};
  return paragraph(`${secret}: ${headlineOf(report)}`, [
    ['message', message],
    inForce === null ? undefined : ['accepted', inForce],
    retryable === null ? undefined : ['retryable', retryable ? 'yes' : 'no'],
    ...adviceLines('advice', advice),
    place,
  ]);
}

/** A paragraph for each reason why some did not rotate, and each revocation, then the totals. */
export function summaryText(reports: readonly RotateReport[], durationMs: number, again: string): string {
  const others = reports.filter(({ error }) => error !== null);
  const reasons = [...Map.groupBy(others, headlineOf)].map(([headline, group]) => {
    const { message = '', advice = '' } = group[0]?.error ?? {};
    return paragraph(`${headline}: ${group.length}`, [
      ['message', message],
      ...adviceLines('advice', advice),
      ...group.map(({ secret }, index): Line => [index === 0 ? 'secrets' : '', secret]),
    ]);
  });
  const next = others.length === 0 ? '' : `To rotate the others, run \`${again}\`.\n`;
  // After a leak, a person needs the name of each deleted key.
  const revoked = reports
    .filter(({ error, versionId }) => error === null && isRevocation(versionId ?? ''))
    .map(({ secret, notes }) =>
      paragraph(
        `${secret}: rotated`,
        notes.map((note): Line => ['note', note]),
      ),
    );
  return [...reasons, ...revoked, `${totalText(reports)}It took ${formatDuration(durationMs)}.\n${next}`].join('\n');
}

/** For several secrets, or several rotations of a secret: how many had each outcome. */
function totalText(reports: readonly RotateReport[]): string {
  const isOfSecrets = new Set(reports.map(({ secret }) => secret)).size === reports.length;
  const counts = Object.entries(HEADLINES)
    .map(([kind, headline]) => [reports.filter(({ outcome }) => outcome === kind).length, headline] as const)
    .filter(([count]) => count > 0)
    .map(([count, headline]) => `${count} ${headline}`);
  return `${counted(reports.length, isOfSecrets ? 'secret' : 'rotation')}: ${counts.join(', ')}.\n`;
}

const HEADLINES: Readonly<Record<RotateReport['outcome'], string>> = {
  rotated: 'rotated',
  refused: 'not started',
  failed: 'failed',
  running: 'still running',
  rejected: 'rotated, but the cluster rejects the new credential',
  unconfirmed: 'rotated, not proven from this machine',
  interrupted: 'interrupted',
  unexpected: 'fault of the command',
};
