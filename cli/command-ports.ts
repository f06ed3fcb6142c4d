import type { Cluster } from '../protocol/cluster/cluster.ts';
import type { Transport } from '../protocol/cluster/endpoint.ts';
import type { ControlPlane, ControlPlaneSettings } from '../protocol/keys/control-plane.ts';
import type { Aws, AwsConnection } from './aws/aws.ts';
import type { WallClock } from './clock.ts';
import type { AdminCluster } from './cluster/admin-cluster.ts';
import type { NetworkProbe } from './cluster/network-probe.ts';
import type { ExitCode } from './outcome/exit-code.ts';

export interface ClusterConnection {
  readonly transport: Transport;
  /** PEM of the cluster's authority. `undefined`: the authorities that Node trusts. */
  readonly privateCa: string | undefined;
}

export interface Output {
  write(text: string): unknown;
}

/** Everything that a command reads, writes or calls outside its own code. */
export interface CommandPorts {
  readonly version: string;
  /** The command line, without the interpreter and the script. */
  readonly args: readonly string[];
  /** The stream for results only. */
  readonly out: Output;
  /** The stream for progress and errors. */
  readonly err: Output;
  /** Aborts at the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly clock: WallClock;
  /** Returns a UUID. */
  readonly randomId: () => string;
  /** @throws Node's error if the file cannot be read */
  readonly readFile: (path: string) => string;
  /** @throws Node's error if the file cannot be written */
  readonly writeFile: (path: string, text: string) => void;
  readonly connectAws: (connection: AwsConnection) => Aws;
  readonly connectCluster: (connection: ClusterConnection) => Cluster;
  /** Over gRPC, except for descriptions of users. */
  readonly connectAdminCluster: (connection: Omit<ClusterConnection, 'transport'>) => AdminCluster;
  /** @throws EndpointError if the address of the control plane is neither https nor loopback */
  readonly connectControlPlane: (managerKey: string, settings: ControlPlaneSettings) => ControlPlane;
  readonly networkProbe: NetworkProbe;
  readonly usesProxy: boolean;
  /** Returns a password that Zilliz Cloud and Milvus accept. */
  readonly newPassword: () => string;
  /**
   * Asks for a password and does not show it, unless it may be visible. Without a terminal, reads
   * the next line of standard input. `undefined`: nobody gave a password.
   */
  readonly readPassword: (question: string, about?: { readonly isVisible: boolean }) => Promise<string | undefined>;
  /** Asks the person at the terminal. `undefined` without a terminal. */
  readonly ask: ((question: string) => Promise<'yes' | 'no'>) | undefined;
}

/** How a subcommand ends. With `--json`, the document is printed, otherwise the text. */
export interface CommandResult {
  readonly text: string;
  readonly document: { readonly exitCode: ExitCode };
}
