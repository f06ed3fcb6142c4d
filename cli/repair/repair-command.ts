import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { changeKeys, changeText } from '../change/outcome.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Examination } from '../examine/examination.ts';
import { rotationOffFinding } from '../examine/rotation-findings.ts';
import { examinePorts } from '../examine-ports.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { checkAdminSecret, connectAwsFor } from '../terminal/read-options.ts';
import { createProgressWriter } from '../terminal/run-task.ts';
import { iso } from '../terminal/time.ts';
import { writeResult } from '../terminal/write-result.ts';
import type { RepairDocument } from './json-schema.ts';
import type { RepairCommandOptions } from './repair-definition.ts';
import { type RepairPorts, type RepairReport, repairSecret } from './repair-secret.ts';

export async function repair(
  [secretId = '']: readonly string[],
  options: RepairCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const { like, manager, adminSecret } = options;
  if (like !== undefined && manager !== true) {
    throw new UsageError('--like needs --manager.', 'Give --manager, which reads the manager secret of the function.');
  }
  checkAdminSecret(adminSecret, secretId, options);
  const { privateCa, ...examine } = examinePorts(options, ports);
  const repairPorts: RepairPorts = {
    ...ports,
    ...examine,
    profile: options.profile,
    adminCluster: ports.connectAdminCluster({ privateCa }),
    adminStore: (id) => connectAwsFor(id, options, ports).store(id),
    aws: connectAwsFor(secretId, options, ports),
    askForConsent: planPrompt(secretId, options, ports),
    showNotice: createProgressWriter(secretId, {}, ports),
    showProgress: createProgressWriter(secretId, options, ports),
  };
  const report = await repairSecret(secretId, options, repairPorts);
  const document = documentOf(report);
  const title =
    document.outcome === 'repaired'
      ? `repaired. AWSCURRENT is version ${document.currentVersionId}, and the cluster accepts it.`
      : 'in order. AWSCURRENT is accepted, and nothing blocks a rotation.';
  writeResult(options, ports, changeText(document, title), document);
  return document.exitCode;
}

function documentOf(report: RepairReport): RepairDocument {
  const { outcome, found, examination } = report;
  const { target } = found ?? {};
  const search = target?.kind === 'usable' ? target.search : found?.search;
  const isRepaired = outcome.kind === 'repaired';
  const { exitCode, error, ...ended } = changeKeys(outcome);
  return {
    ...{ command: 'repair', exitCode, secret: report.secretId },
    arn: examination?.secret.arn ?? null,
    ...ended,
    found: {
      currentVersionId: currentIn(found),
      inForce: search?.kind === 'found' ? search.accepted.candidate : null,
    },
    plan: [...report.plan],
    currentVersionId: isRepaired ? currentIn(examination) : null,
    error,
    notes: [...(examination?.notes ?? [])],
    next: isRepaired ? nextStep(report) : null,
  };
}

function currentIn(examination: Examination | undefined): string | null {
  return examination === undefined ? null : (holderOf(examination.secret, AWSCURRENT) ?? null);
}

function nextStep({ examination, secretId }: RepairReport): string {
  if (examination?.secret.rotationEnabled === false) {
    const { message, advice } = rotationOffFinding(examination);
    return `${message} ${advice}`;
  }
  const { gap } = examination?.other ?? {};
  const from = gap?.hasPassed === false ? ` It is possible from ${iso(gap.end)}.` : '';
  return `Replace this credential with \`zilliz-rotation rotate ${secretId}\`.${from}`;
}
