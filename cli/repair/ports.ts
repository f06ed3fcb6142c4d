import type { Cluster } from '../../protocol/cluster/cluster.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import type { Aws } from '../aws/aws.ts';
import type { WallClock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { ExaminationResult, ExaminePorts } from '../examine/examine-secret.ts';
import type { AskForConsent } from '../terminal/ask-for-plan.ts';

/** What the steps of a plan need. */
export interface ChangePorts {
  readonly secretId: string;
  readonly aws: Pick<Aws, 'rotation'>;
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
  /** As the rotation function is configured. */
  readonly propagationMs?: number | undefined;
  readonly newPassword: () => string;
  /** Shows a line at once, also with `--json` and `--quiet`. */
  readonly showNotice: (line: string) => void;
  /** Shows a step that may last longer than a second. */
  readonly showProgress: (line: string) => void;
}

export interface RepairPorts extends ExaminePorts, Omit<ChangePorts, 'store' | 'secretId' | 'aws'> {
  readonly adminStore: (secretId: string) => SecretStore;
  readonly askForConsent: AskForConsent;
  /** Shows that the examination runs. */
  readonly whileExamining: (run: () => Promise<ExaminationResult>) => Promise<ExaminationResult>;
}
