import type { Cluster } from '../../protocol/cluster/cluster.ts';
import type { Aws } from '../aws/aws.ts';
import type { WallClock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { UsableAdmin } from './admin.ts';

export interface ChangePorts {
  readonly secretId: string;
  readonly aws: Pick<Aws, 'rotation' | 'store' | 'sendRotated'>;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly admin: UsableAdmin | undefined;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
  /** The option of the command, which a command of the AWS CLI in its advice needs too. */
  readonly profile?: string | undefined;
  /** As the rotation function is configured. */
  readonly propagationMs?: number | undefined;
  /** Shows a line at once, also with `--json` and `--quiet`. */
  readonly showNotice: (line: string) => void;
  /** Shows a step that may last longer than a second. */
  readonly showProgress: (line: string) => void;
}
