import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { type ChangePorts, changePorts } from '../change/change-ports.ts';
import { changeKeys, changeText } from '../change/outcome.ts';
import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { rotationOffFinding } from '../examine/rotation-findings.ts';
import { UsageError } from '../outcome/failure.ts';
import { checkAdminSecret } from '../terminal/read-options.ts';
import { iso } from '../terminal/time.ts';
import type { RepairDocument } from './json-schema.ts';
import type { RepairCommandOptions } from './repair-definition.ts';
import { type RepairReport, repairSecret } from './repair-secret.ts';

export async function repair(
  [secretId = '']: readonly string[],
  options: RepairCommandOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  const { like, manager, adminSecret } = options;
  if (like !== undefined && manager !== true) {
    throw new UsageError('--like needs --manager.', 'Give --manager, which reads the manager secret of the function.');
  }
  checkAdminSecret(adminSecret, secretId, options);
  const repairPorts = changePorts(secretId, options, ports);
  const report = await repairSecret(options, repairPorts);
  const document = documentOf(report, repairPorts);
  const title =
    document.outcome === 'repaired'
      ? `repaired. AWSCURRENT is version ${document.currentVersionId}, and the cluster accepts it.`
      : 'in order. AWSCURRENT is accepted, and nothing blocks a rotation.';
  return { text: changeText(document, title), document };
}

function documentOf(report: RepairReport, { secretId, asked }: ChangePorts): RepairDocument {
  const { outcome, examination } = report;
  const current = examination && holderOf(examination.secret, AWSCURRENT);
  const isRepaired = outcome.kind === 'repaired';
  const { exitCode, error, ...ended } = changeKeys(outcome);
  return {
    ...{ command: 'repair', exitCode, secret: secretId },
    arn: examination?.secret.arn ?? null,
    ...ended,
    plan: [...asked.plan],
    currentVersionId: (isRepaired && current) || null,
    error,
    notes: [...(examination?.notes ?? [])],
    next: error === null ? nextStep(report, secretId) : null,
  };
}

function nextStep({ examination, outcome }: RepairReport, secretId: string): string | null {
  if (examination?.secret.rotationEnabled === false) {
    const { message, advice } = rotationOffFinding(examination);
    return `${message} ${advice}`;
  }
  if (outcome.kind !== 'repaired') {
    return null;
  }
  const { gap } = examination?.other ?? {};
  const from = gap?.hasPassed === false ? ` It is possible from ${iso(gap.end)}.` : '';
  return `Replace this credential with \`zilliz-rotation rotate ${secretId}\`.${from}`;
}
