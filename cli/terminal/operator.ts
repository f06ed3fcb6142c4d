import type { Cluster } from '../../cluster/cluster.ts';
import type { Aws, AwsConnection } from '../aws/aws.ts';
import type { Clock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';

/** Everything that a command gets from outside: the operator's terminal, and what it reaches over the network. */
export interface Operator {
  /** Of this package. */
  readonly version: string;
  /** Results, and nothing else. */
  readonly out: NodeJS.WritableStream;
  /** Progress and complaints. Whether it is a terminal decides how progress looks. */
  readonly err: NodeJS.WriteStream;
  /** Fires at the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly clock: Clock;
  /** A UUID. */
  readonly randomId: () => string;
  /** @throws Node's own error when the file cannot be read */
  readonly readFile: (path: string) => string;
  readonly connectAws: (connection: AwsConnection) => Aws;
  readonly connectCluster: (options: { privateCa: string | undefined }) => Cluster;
  readonly connectAdminCluster: (options: { privateCa: string | undefined }) => AdminCluster;
  /** A password that Zilliz Cloud and Milvus accept. */
  readonly newPassword: () => string;
  /** Asks a person; `undefined` when there is none. */
  readonly ask: ((question: string) => Promise<'yes' | 'no'>) | undefined;
}

/** Wrong arguments: the message says what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError' as const;
}
