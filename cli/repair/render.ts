import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import { printable } from '../terminal/printable.ts';
import { exitCodeOf, type RepairOutcome } from './outcome.ts';
import type { RepairReport } from './repair-secret.ts';

/** The plan for people, before they are asked. */
export function planText(name: string, plan: readonly string[]): string {
  return [`${name}: plan`, ...plan.map((line, index) => `  ${index + 1}. ${printable(line)}`), ''].join('\n');
}

/** The result for people. */
export function repairText(report: RepairReport): string {
  const { outcome, secretId } = report;
  switch (outcome.kind) {
    case 'in-order':
      return `${secretId}: in order. AWSCURRENT is in force, and nothing blocks a rotation.\n`;
    case 'repaired':
      return `${secretId}: repaired. AWSCURRENT is version ${outcome.versionId}, and the cluster accepts it.\n  next   ${nextStep(report)}\n`;
    case 'refused':
    case 'failed':
    case 'unconfirmed':
    case 'interrupted':
      return [
        `${secretId}: ${HEADLINES[outcome.kind]} (${printable(outcome.code)})`,
        `  what   ${printable(outcome.message)}`,
        `  next   ${printable(outcome.advice)}`,
        '',
      ].join('\n');
  }
}

/** The document that `--json` prints; docs/cli.md describes it. */
export function repairJson(report: RepairReport): Record<string, unknown> {
  const { outcome, examination } = report;
  const cluster = examination?.cluster;
  return {
    command: 'repair',
    exitCode: exitCodeOf(outcome),
    secret: report.secretId,
    arn: examination?.secret.arn ?? null,
    outcome: outcome.kind,
    found: {
      currentVersionId: examination === undefined ? null : (holderOf(examination.secret, AWSCURRENT) ?? null),
      inForce: cluster?.kind === 'found' ? cluster.candidate : null,
    },
    plan: report.plan,
    currentVersionId: outcome.kind === 'repaired' ? outcome.versionId : null,
    error: 'code' in outcome ? { code: outcome.code, message: outcome.message, advice: outcome.advice } : null,
    next: outcome.kind === 'repaired' ? nextStep(report) : null,
  };
}

const HEADLINES: Readonly<Record<Exclude<RepairOutcome['kind'], 'in-order' | 'repaired'>, string>> = {
  refused: 'not repaired',
  failed: 'could not be repaired',
  unconfirmed: 'cannot be judged from here',
  interrupted: 'interrupted',
};

function nextStep({ examination }: RepairReport): string {
  const name = examination?.secret.name ?? 'SECRET';
  return examination?.secret.rotationEnabled === false
    ? 'Rotation is off. Turn it on by deploying the rotation stack; the password that was in doubt is then replaced.'
    : `Replace the password that was in doubt: zilliz-rotation rotate ${name}`;
}
