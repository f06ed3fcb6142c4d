import { Writable } from 'node:stream';
import type { Aws, AwsConnection } from '../../../cli/aws/aws.ts';
import type { ProbeAnswer } from '../../../cli/cluster/network-probe.ts';
import type { ClusterConnection, CommandPorts } from '../../../cli/command-ports.ts';
import type { ExitCode } from '../../../cli/outcome/exit-code.ts';
import { run as runProgram } from '../../../cli/program.ts';
import type { Cluster } from '../../../protocol/cluster/cluster.ts';
import type { ControlPlane } from '../../../protocol/keys/control-plane.ts';
import { InMemoryCluster } from '../../support/in-memory-cluster.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { checkDocumented } from './documented-behaviour.ts';
import { createFakeAdminCluster, type FakeAdminCluster } from './fake-admin-cluster.ts';
import { createFakeAws, type FakeAws } from './fake-aws.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { COMMAND_VERSION } from './fake-inspection.ts';
import { GENERATED_PASSWORD, HOST } from './rotations.ts';

// A developer, or npx, may have set these variables for the real command. Tests must not see them.
for (const name of [
  'ALLOWED_ENDPOINTS',
  'CLUSTER_ENDPOINT',
  'CLUSTER_CA_FILE',
  'CLUSTER_TRANSPORT',
  'CONTROL_PLANE_URL',
  'npm_lifecycle_event',
]) {
  delete process.env[name];
}

/** What the operator answers to each question. */
type Answer = 'yes' | 'no' | ((question: string) => 'yes' | 'no' | Promise<'yes' | 'no'>);

/** AWS, a cluster and a terminal in memory, and the command that uses them. */
export interface Fixture {
  readonly clock: FakeClock;
  readonly aws: FakeAws;
  readonly cluster: InMemoryCluster;
  /** The cluster over REST. Always {@link Fixture.cluster}, unless a test replaces it. */
  restCluster: Cluster;
  /** Always the same password, unless a test replaces it. */
  newPassword: () => string;
  readonly adminCluster: FakeAdminCluster;
  /** The answer about the network of the cluster. */
  network: ProbeAnswer;
  readonly files: Map<string, string>;
  /** What the operator types, or the lines of standard input. */
  readonly passwords: string[];
  /** The questions for passwords. */
  readonly passwordQuestions: string[];
  /** The regions and profiles that the command connected to. */
  readonly connections: AwsConnection[];
  /** AWS in an account and region. Always {@link Fixture.aws}, unless a test replaces it. */
  awsAt: (connection: AwsConnection) => Aws;
  readonly clusterConnections: ClusterConnection[];
  /** The organization of each manager key. Without keys, unless a test replaces it. */
  connectControlPlane: CommandPorts['connectControlPlane'];
  /** Ctrl-C. To run another command after an abort, a test replaces the controller. */
  interruption: AbortController;
  /** The output of all commands so far. */
  readonly printed: { out: string; err: string };
  run(args: readonly string[], terminal?: { answer?: Answer }): Promise<{ code: ExitCode; out: string; err: string }>;
  /** Runs a command with `--json` and parses its document. {@link run} checks its schema. */
  runJson(...args: string[]): Promise<{ code: ExitCode; document: ReturnType<typeof JSON.parse> }>;
}

/** Like a Milvus proxy that does not know a user and cannot reach its root coordinator. */
export function rejectEveryPasswordFor({ clock, cluster }: Fixture, milliseconds: number): void {
  const until = clock.now() + milliseconds;
  const authenticates = cluster.authenticates.bind(cluster);
  cluster.authenticates = async (credentials) => {
    const login = await authenticates(credentials);
    return clock.now() < until ? { kind: 'rejected' } : login;
  };
}

/** @param host the host of the cluster */
export function createFixture(host: string = HOST): Fixture {
  const clock = createFakeClock();
  const cluster = new InMemoryCluster(host);
  const files = new Map<string, string>();
  const certificate = { validTo: clock.now() + 90 * 86_400_000, issuer: 'Example' };
  const fixture = {
    clock,
    aws: createFakeAws(clock),
    cluster,
    restCluster: cluster as Cluster,
    newPassword: () => GENERATED_PASSWORD,
    adminCluster: createFakeAdminCluster(cluster),
    files,
    passwords: [] as string[],
    passwordQuestions: [] as string[],
    connections: [] as AwsConnection[],
    awsAt: (_connection: AwsConnection): Aws => fixture.aws,
    clusterConnections: [] as ClusterConnection[],
    connectControlPlane: (..._connection: Parameters<CommandPorts['connectControlPlane']>): ControlPlane =>
      new InMemoryControlPlane(),
    interruption: new AbortController(),
    printed: { out: '', err: '' },
    network: { kind: 'done', certificate } as ProbeAnswer,
  };
  let ids = 0;
  const run: Fixture['run'] = async (args, { answer } = {}) => {
    const captured = { out: '', err: '' };
    const callsBefore = fixture.aws.calls.length;
    const stream = (into: 'out' | 'err') => {
      const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
        captured[into] += chunk.toString();
        fixture.printed[into] += chunk.toString();
        done();
      };
      return new Writable({ write });
    };
    const interrupted = fixture.interruption.signal;
    const streams = { version: COMMAND_VERSION, out: stream('out'), err: stream('err'), interrupted };
    const ports: CommandPorts = {
      ...streams,
      args,
      clock,
      randomId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      readFile: (path) => {
        const text = fixture.files.get(path);
        if (text === undefined) {
          throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
        }
        return text;
      },
      connectAws: (connection) => {
        fixture.connections.push(connection);
        return fixture.awsAt(connection);
      },
      connectCluster: (connection) => {
        fixture.clusterConnections.push(connection);
        return connection.transport === 'rest' ? fixture.restCluster : fixture.cluster;
      },
      connectAdminCluster: () => fixture.adminCluster,
      connectControlPlane: (...connection) => fixture.connectControlPlane(...connection),
      networkProbe: async () => fixture.network,
      usesProxy: false,
      writeFile: (path, text) => void fixture.files.set(path, text),
      readPassword: async (question) => {
        fixture.passwordQuestions.push(question);
        return fixture.passwords.shift();
      },
      newPassword: () => fixture.newPassword(),
      ask:
        answer === undefined
          ? undefined
          : async (question) => (typeof answer === 'function' ? await answer(question) : answer),
    };
    const code = await runProgram(args, { ...streams, loadCommandPorts: async () => ports });
    checkDocumented(args, { code, out: captured.out, calls: fixture.aws.calls.slice(callsBefore) });
    return { code, ...captured };
  };
  return Object.assign(fixture, {
    run,
    async runJson(this: Fixture, ...args: string[]) {
      const { code, out } = await this.run([...args, '--json']);
      return { code, document: JSON.parse(out) };
    },
  });
}
