import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { rotationOffFinding } from '../examine/rotation-findings.ts';
import type { Failure } from '../outcome/failure.ts';
import { paragraph } from '../terminal/text.ts';
import { exitCodeOf } from './outcome.ts';
import type { RepairReport } from './repair-secret.ts';

export function repairText(report: RepairReport): string {
  const { outcome, secretId } = report;
  const notes = (report.examination?.notes ?? []).map((note) => ['note', note] as const);
  switch (outcome.kind) {
    case 'in-order':
      return paragraph(`${secretId}: in order. AWSCURRENT is in force, and nothing blocks a rotation.`, notes);
    case 'repaired':
      return paragraph(
        `${secretId}: repaired. AWSCURRENT is version ${outcome.versionId}, and the cluster accepts it.`,
        [['next', nextStep(report)], ...notes],
      );
    case 'refused':
    case 'failed':
    case 'unconfirmed':
    case 'interrupted':
      return paragraph(`${secretId}: ${HEADLINES[outcome.kind]} (${outcome.code})`, [
        ['message', outcome.message],
        ['advice', outcome.advice],
        ...notes,
      ]);
  }
}

/** The document of `--json`. `json-schema.ts` describes it. */
export function repairJson(report: RepairReport): Record<string, unknown> {
  const { outcome, examination } = report;
  const { cluster, previous } = examination ?? {};
  const search = cluster?.kind !== 'found' && previous?.kind === 'usable' ? previous.search : cluster;
  return {
    command: 'repair',
    exitCode: exitCodeOf(outcome),
    secret: report.secretId,
    arn: examination?.secret.arn ?? null,
    outcome: outcome.kind,
    found: {
      currentVersionId: examination === undefined ? null : (holderOf(examination.secret, AWSCURRENT) ?? null),
      inForce: search?.kind === 'found' ? search.inForce.candidate : null,
    },
    plan: report.plan,
    currentVersionId: outcome.kind === 'repaired' ? outcome.versionId : null,
    error: 'code' in outcome ? { code: outcome.code, message: outcome.message, advice: outcome.advice } : null,
    notes: examination?.notes ?? [],
    next: outcome.kind === 'repaired' ? nextStep(report) : null,
  };
}

const HEADLINES: Readonly<Record<Failure['kind'], string>> = {
  refused: 'not repaired',
  failed: 'repair failed',
  unconfirmed: 'cannot be examined from this machine',
  interrupted: 'interrupted',
};

function nextStep({ examination }: RepairReport): string {
  if (examination?.secret.rotationEnabled === false) {
    const { message, advice } = rotationOffFinding(examination);
    return `${message} ${advice}`;
  }
  return `Replace this password with \`zilliz-rotation rotate ${examination?.secret.name ?? 'SECRET'}\`.`;
}
