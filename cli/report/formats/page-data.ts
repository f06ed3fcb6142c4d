import { placeOf } from '../../../protocol/secret/rotated-secrets.ts';
import type { Outcome, PastRotation, Source } from '../../past/past-rotation.ts';
import type { AuditReport, AuditSecret, Exception } from '../audit/audit-report.ts';

/** What the script of the page shows. Times are milliseconds since the epoch. */
export interface PageData {
  readonly since: number;
  readonly until: number;
  /** The ids of the controls. */
  readonly controls: readonly string[];
  readonly secrets: readonly PageSecret[];
  readonly rotations: readonly PageRotation[];
}

export interface PageSecret {
  readonly name: string;
  /** Region and account. */
  readonly place: readonly string[];
  readonly owner: string;
  /** The schedule and the window. Empty if rotation is off. */
  readonly policy: readonly string[];
  readonly ageMs: number;
  readonly allowedAgeMs: number | null;
  readonly exceptions: readonly Exception[];
  /** Indexes of the controls that this secret fails. */
  readonly failedControls: readonly number[];
}

export interface PageRotation {
  /** Index of the secret. */
  readonly secret: number;
  readonly kind: PastRotation['kind'];
  readonly outcome: Outcome | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly trigger: string | null;
  readonly versionId: string | null;
  readonly failures: readonly string[];
  /** Of the outcome, the start, the end and the trigger. */
  readonly sources: readonly [Source | null, Source | null, Source | null, Source | null];
}

/** What an exception means, in one or two words. */
export const EXCEPTION_NAMES: Readonly<Record<Exception['code'], string>> = {
  'rotation-off': 'rotation off',
  'never-rotated': 'never rotated',
  overdue: 'overdue',
  failed: 'failed',
  incomplete: 'incomplete',
  'marked-for-deletion': 'deletion',
  'no-owner': 'no owner',
};

export function pageData({ period, controls, secrets }: AuditReport): PageData {
  return {
    ...period,
    controls: controls.map(({ id }) => id),
    secrets: secrets.map(toPageSecret),
    rotations: secrets.flatMap(({ rotations }, index) => rotations.map((rotation) => toPageRotation(rotation, index))),
  };
}

function toPageSecret({ secret, owners, ageMs, allowedAgeMs, exceptions, controls }: AuditSecret): PageSecret {
  const { region, account } = placeOf(secret.arn);
  return {
    name: secret.name,
    place: [region, account].filter((part) => part !== ''),
    owner: owners.filter((owner) => owner !== undefined).join(', '),
    policy: secret.rotationEnabled ? policyOf(secret) : [],
    ageMs,
    allowedAgeMs: allowedAgeMs ?? null,
    exceptions,
    failedControls: controls.flatMap(({ result }, index) => (result === 'failed' ? [index] : [])),
  };
}

function toPageRotation(rotation: PastRotation, secret: number): PageRotation {
  const { kind, outcome, startedAt, endedAt, trigger, versionId, failures } = rotation;
  return {
    secret,
    kind,
    outcome: outcome?.value ?? null,
    startedAt: startedAt?.value ?? null,
    endedAt: endedAt?.value ?? null,
    trigger: trigger?.value ?? null,
    versionId: versionId ?? null,
    failures: failures.map(({ step, code, message }) => `${step}: ${code}: ${message}`),
    sources: [outcome?.source ?? null, startedAt?.source ?? null, endedAt?.source ?? null, trigger?.source ?? null],
  };
}

function policyOf({ schedule = 'no schedule', window }: AuditSecret['secret']): readonly string[] {
  const text = schedule.replace(/^rate\((.+)\)$/, 'every $1');
  return window === undefined ? [text] : [text, `window ${window}`];
}
