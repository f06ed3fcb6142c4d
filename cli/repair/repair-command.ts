import { exitCodeOf } from '../change/outcome.ts';
import type { CommandPorts } from '../command-ports.ts';
import { examinePorts } from '../examine-ports.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { planPrompt } from '../terminal/ask-for-plan.ts';
import { checkAdminSecret, connectAwsFor } from '../terminal/read-options.ts';
import { createProgressWriter } from '../terminal/run-task.ts';
import { writeResult } from '../terminal/write-result.ts';
import { repairJson, repairText } from './render.ts';
import type { RepairCommandOptions } from './repair-definition.ts';
import { type RepairPorts, repairSecret } from './repair-secret.ts';

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
  writeResult(options, ports, repairText(report), repairJson(report));
  return exitCodeOf(report.outcome);
}
