import { placeText } from '../aws/place.ts';
import { nameInJson } from '../credential-forms.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import type { Explanation } from '../outcome/failure.ts';
import { adviceLines, counted, type Line, paragraph } from '../terminal/text.ts';
import { formatDuration } from '../terminal/time.ts';
import type { ProvenLogin, RotateReport } from './json-schema.ts';

/** Why a secret did not rotate, or why the command cannot prove that it did. */
export interface NotProven extends Explanation {
  /**
   * `refused`: no rotation started. `failed`: a step failed, or the labels show that the rotation
   * ended without a new AWSCURRENT. `running`: still running at the time limit, or the command
   * could no longer ask AWS. `unexpected`: a fault of the command, so a rotation may run.
   */
  readonly kind: Exclude<RotateReport['outcome'], 'rotated'>;
  readonly step?: string;
  /** Absent if no rotation failed. */
  readonly retryable?: boolean;
  readonly accepted?: string | undefined;
}

export type RotateOutcome = { readonly kind: 'rotated'; readonly login: ProvenLogin } | NotProven;

/** The function has tested a new credential whose login the command could not confirm. */
export function isComplete(outcome: RotateReport['outcome']): boolean {
  return outcome === 'rotated' || outcome === 'unconfirmed';
}

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
export function headlineOf({ outcome, error }: RotateReport): string {
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

/** For several secrets, or several rotations of a secret: how many had each outcome. */
export function totalText(reports: readonly RotateReport[]): string {
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
