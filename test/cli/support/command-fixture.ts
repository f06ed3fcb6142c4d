import type { Aws, AwsConnection } from '../../../cli/aws/aws.ts';
import type { ProbeAnswer } from '../../../cli/cluster/network-probe.ts';
import type { ClusterConnection, CommandPorts } from '../../../cli/command-ports.ts';
import type { ExitCode } from '../../../cli/outcome/exit-code.ts';
import { type ProgramPorts, run as runProgram } from '../../../cli/program.ts';
import type { Cluster } from '../../../protocol/cluster/cluster.ts';
import { InMemoryCluster } from '../../support/in-memory-cluster.ts';
import { InMemoryControlPlane } from '../../support/in-memory-control-plane.ts';
import { checkDocumented } from './documented-behaviour.ts';
import { createFakeAdminCluster, type FakeAdminCluster } from './fake-admin-cluster.ts';
import { FakeAws } from './fake-aws.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { COMMAND_VERSION } from './fake-inspection.ts';
import { checkNoLeaks } from './leaks.ts';
import { replace } from './replace.ts';
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

/** How the ids start that a fixture generates, and the first of them. */
export const GENERATED_ID = '00000000-0000-4000-8000-';
export const FIRST_ID = `${GENERATED_ID}000000000001`;

/** What the operator answers to each question. */
type Answer = 'yes' | 'no' | ((question: string) => 'yes' | 'no' | Promise<'yes' | 'no'>);

interface Terminal {
  readonly answer?: Answer;
}

/** Subcommands that log in to no cluster. */
const WITHOUT_LOGIN: readonly (string | undefined)[] = ['history', 'report'];

const LOOPBACK = '127.0.0.1';

/** AWS, a cluster and a terminal in memory, and the command that uses them. */
export class Fixture {
  readonly clock: FakeClock = createFakeClock();
  readonly aws: FakeAws = new FakeAws(this.clock);
  readonly cluster: InMemoryCluster;
  /** The cluster over REST. Always {@link cluster}, unless a test replaces it. */
  restCluster: Cluster;
  readonly adminCluster: FakeAdminCluster;
  /** Always the same password, unless a test replaces it. */
  newPassword = (): string => GENERATED_PASSWORD;
  /** The answer about the network of the cluster. */
  network: ProbeAnswer = {
    kind: 'done',
    certificate: { validTo: this.clock.now() + 90 * 86_400_000, issuer: 'Example' },
  };
  readonly files: Map<string, string> = new Map();
  /** What the operator types, or the lines of standard input. */
  readonly passwords: string[] = [];
  /** The passwords that the operator has typed, and the manager keys. */
  private readonly typed: string[] = [];
  private readonly organizations = new Set<InMemoryControlPlane>();
  /** The questions for passwords. */
  readonly passwordQuestions: string[] = [];
  /** The regions and profiles that the command connected to. */
  readonly connections: AwsConnection[] = [];
  /** AWS in an account and region. Always {@link aws}, unless a test replaces it. */
  awsAt: (connection: AwsConnection) => Aws = () => this.aws;
  readonly clusterConnections: ClusterConnection[] = [];
  /** The organization of each manager key. Without keys, unless a test replaces it. */
  connectControlPlane: (...args: Parameters<CommandPorts['connectControlPlane']>) => InMemoryControlPlane = () =>
    new InMemoryControlPlane();
  /** Ctrl-C. To run another command after an abort, a test replaces the controller. */
  interruption: AbortController = new AbortController();
  /** The output of all commands so far. */
  readonly printed: { out: string; err: string } = { out: '', err: '' };
  private ids = 0;

  /** @param host the host of the cluster */
  constructor(host: string = HOST) {
    this.cluster = new InMemoryCluster(host);
    this.restCluster = this.cluster;
    this.adminCluster = createFakeAdminCluster(this.cluster);
  }

  /**
   * Runs a command. A cluster on loopback is allowed, so that the tests need not repeat the option.
   */
  run = async (given: readonly string[], { answer }: Terminal = {}): Promise<Ended> => {
    const isAllowed = this.cluster.host !== LOOPBACK || WITHOUT_LOGIN.includes(given[0]);
    const args = isAllowed ? given : [...given, '--allow-endpoint', LOOPBACK];
    const captured = { out: '', err: '' };
    const callsBefore = this.aws.calls.length;
    const stream = (into: 'out' | 'err') => ({
      write: (text: string): void => {
        captured[into] += text;
        this.printed[into] += text;
      },
    });
    const interrupted = this.interruption.signal;
    const streams = { version: COMMAND_VERSION, out: stream('out'), err: stream('err'), interrupted };
    const loadCommandPorts = async () => ({ ...streams, args, ...this.ports(answer) });
    const code = await runProgram(args, { ...streams, loadCommandPorts });
    checkDocumented(args, { code, out: captured.out, calls: this.aws.calls.slice(callsBefore) });
    const stored = [...this.aws.secrets.values()].flatMap(({ store }) => store.values);
    const keys = [...this.organizations].flatMap(({ everyKey }) => everyKey);
    const accepted = [...Object.values(this.cluster.passwords), ...this.adminCluster.admins, ...keys];
    checkNoLeaks([captured.out, captured.err, ...this.files.values()].join('\n'), [
      ...stored,
      ...accepted,
      ...this.typed,
    ]);
    return { code, ...captured };
  };

  /** Runs a command with `--json` and parses its document. {@link run} checks its schema. */
  runJson = async (...args: string[]): Promise<{ code: ExitCode; document: ReturnType<typeof JSON.parse> }> => {
    const { code, out } = await this.run([...args, '--json']);
    return { code, document: JSON.parse(out) };
  };

  /** Runs a command that fails. Returns its exit code and the code of its error: `5 declined`. */
  fail = async (...args: string[]): Promise<string> => {
    const { code, document } = await this.runJson(...args);
    const { error } = document.secrets?.[0] ?? document;
    return `${code} ${error?.code}`;
  };

  private ports(answer: Answer | undefined): Omit<CommandPorts, keyof ProgramPorts | 'args'> {
    return {
      clock: this.clock,
      randomId: () => `${GENERATED_ID}${String(++this.ids).padStart(12, '0')}`,
      readFile: (path) => {
        const text = this.files.get(path);
        if (text === undefined) {
          throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
        }
        return text;
      },
      writeFile: (path, text) => void this.files.set(path, text),
      connectAws: (connection) => {
        this.connections.push(connection);
        return this.awsAt(connection);
      },
      connectCluster: (connection) => {
        this.clusterConnections.push(connection);
        return connection.transport === 'rest' ? this.restCluster : this.cluster;
      },
      connectAdminCluster: () => this.adminCluster,
      connectControlPlane: (managerKey, ...connection) => {
        const organization = this.connectControlPlane(managerKey, ...connection);
        this.organizations.add(organization);
        this.typed.push(managerKey);
        return organization;
      },
      networkProbe: async () => this.network,
      usesProxy: false,
      readPassword: async (question, about) => {
        this.passwordQuestions.push(question);
        const [typed] = this.passwords.splice(0, 1);
        this.typed.push(about?.isVisible ? '' : (typed ?? ''));
        return typed;
      },
      newPassword: () => this.newPassword(),
      ask: answer && (async (question) => (typeof answer === 'function' ? await answer(question) : answer)),
    };
  }
}

interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Like a Milvus proxy that does not know a user and cannot reach its root coordinator. */
export function rejectEveryPasswordFor({ clock, cluster }: Fixture, milliseconds: number): void {
  const until = clock.now() + milliseconds;
  replace(cluster, 'authenticates', (authenticates) => async (credentials) => {
    const login = await authenticates(credentials);
    return clock.now() < until ? { kind: 'rejected' } : login;
  });
}
