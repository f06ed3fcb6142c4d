import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import type { Failure } from '../failure.ts';
import { paragraph } from '../terminal/text.ts';
import { exitCodeOf } from './outcome.ts';
import type { RepairReport } from './repair-secret.ts';

export function repairText(report: RepairReport): string {
  const { outcome, secretId } = report;
  switch (outcome.kind) {
    case 'in-order':
      return paragraph(`${secretId}: in order. AWSCURRENT is in force, and nothing blocks a rotation.`, []);
    case 'repaired':
      return paragraph(
        `${secretId}: repaired. AWSCURRENT is version ${outcome.versionId}, and the cluster accepts it.`,
        [['next', nextStep(report)]],
      );
    case 'refused':
    case 'failed':
    case 'unconfirmed':
    case 'interrupted':
      return paragraph(`${secretId}: ${HEADLINES[outcome.kind]} (${outcome.code})`, [
        ['message', outcome.message],
        ['advice', outcome.advice],
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
  return examination?.secret.rotationEnabled === false
    ? 'Rotation is off. Deploy the rotation stack to turn it on. Its first rotation replaces this password.'
    : `Replace this password with \`zilliz-rotation rotate ${examination?.secret.name ?? 'SECRET'}\`.`;
}
