import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { examinePorts, readCurrentText } from '../examine-ports.ts';
import { orEnd } from '../outcome/failure.ts';
import { showAndAsk } from '../terminal/ask.ts';
import type { ExamineOptions } from '../terminal/options.ts';
import { createProgressWriter, type ShowProgress } from '../terminal/progress.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { printable } from '../terminal/text.ts';

/** Everything that `init` and `repair` read, write or call for one secret. */
export interface ChangePorts extends ExaminePorts {
  /** Name or ARN. */
  readonly secretId: string;
  /** Reads AWSCURRENT of an admin secret. @throws SecretStoreError */
  readonly readAdminText: (secretId: string) => Promise<string | undefined>;
  readonly adminCluster: AdminCluster;
  /** Shows the plan of the command and asks. @throws FailureError unless the answer is yes */
  readonly askForConsent: (plan: readonly string[], about?: ConsentAbout) => Promise<void>;
  /** The plan that the operator was asked about last, for the report. */
  readonly asked: { plan: readonly string[] };
  /** Shows a line at once, also with `--json` and `--quiet`. */
  readonly showNotice: (line: string) => void;
  /** Shows a step that may last longer than a second. */
  readonly showProgress: ShowProgress;
}

interface ConsentAbout {
  /** After the name of the secret. @default `plan` */
  readonly heading?: string;
  /** @default `Carry this out?` */
  readonly question?: string;
  readonly place?: string | undefined;
}

/** @throws UsageError */
export function changePorts(
  secretId: string,
  options: ExamineOptions & { readonly yes?: boolean },
  ports: CommandPorts,
): ChangePorts {
  const shared = examinePorts(options, ports);
  const asked: ChangePorts['asked'] = { plan: [] };
  return {
    ...shared,
    secretId,
    aws: connectAwsFor(secretId, options, ports),
    readAdminText: (id) => readCurrentText(id, options, ports),
    adminCluster: ports.connectAdminCluster(shared),
    askForConsent: async (plan, { heading = 'plan', question = 'Carry this out?', place } = {}) => {
      asked.plan = plan;
      const first = `${secretId}: ${heading}${place === undefined ? '' : ` (${place})`}`;
      const lines = [printable(first), ...plan.map((line, index) => `  ${index + 1}. ${printable(line)}`), ''];
      orEnd<undefined>(await showAndAsk(lines.join('\n'), question, options, ports));
    },
    asked,
    showNotice: createProgressWriter(secretId, {}, ports),
    showProgress: createProgressWriter(secretId, options, ports),
  };
}
