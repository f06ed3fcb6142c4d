import { Writable } from 'node:stream';
import type { AwsConnection } from '../../../cli/aws/aws.ts';
import type { ExitCode } from '../../../cli/exit-code.ts';
import { run } from '../../../cli/program.ts';
import { InMemoryCluster } from '../../support/in-memory-cluster.ts';
import { createFakeAdminCluster, type FakeAdminCluster } from './fake-admin-cluster.ts';
import { createFakeAws, type FakeAws } from './fake-aws.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { GENERATED_PASSWORD, HOST } from './rotations.ts';

// What a developer has exported for the real command is none of a test's business.
for (const name of ['ALLOWED_ENDPOINTS', 'CLUSTER_ENDPOINT', 'CLUSTER_CA_FILE']) {
  delete process.env[name];
}

/** One operator's machine in memory: AWS, a cluster, a terminal. */
export interface Bench {
  readonly clock: FakeClock;
  readonly aws: FakeAws;
  readonly cluster: InMemoryCluster;
  readonly adminCluster: FakeAdminCluster;
  readonly files: Map<string, string>;
  /** What was asked of AWS, in which region and with which profile. */
  readonly connections: AwsConnection[];
  readonly clusterConnections: { privateCa: string | undefined }[];
  readonly interruption: AbortController;
  /** Everything printed so far by all commands. */
  readonly printed: { out: string; err: string };
  run(
    args: readonly string[],
    terminal?: { isTTY: boolean; answer?: 'yes' | 'no' },
  ): Promise<{ code: ExitCode; out: string; err: string }>;
}

/** @param host where the cluster answers */
export function createBench(host: string = HOST): Bench {
  const clock = createFakeClock();
  const cluster = new InMemoryCluster(host);
  const bench = {
    clock,
    aws: createFakeAws(clock),
    cluster,
    adminCluster: createFakeAdminCluster(cluster),
    files: new Map<string, string>(),
    connections: [] as AwsConnection[],
    clusterConnections: [] as { privateCa: string | undefined }[],
    interruption: new AbortController(),
    printed: { out: '', err: '' },
  };
  let ids = 0;
  return {
    ...bench,
    run: async (args, { isTTY, answer }: { isTTY: boolean; answer?: 'yes' | 'no' } = { isTTY: false }) => {
      const captured = { out: '', err: '' };
      const stream = (into: 'out' | 'err') => {
        const writable = new Writable({
          write: (chunk: Buffer, _encoding, done) => {
            captured[into] += chunk.toString();
            bench.printed[into] += chunk.toString();
            done();
          },
        });
        // Of a terminal's stream the command uses only what stands here.
        return Object.assign(writable, { isTTY, columns: 120, rows: 40 }) as unknown as NodeJS.WriteStream;
      };
      const code = await run(args, {
        version: '1.2.3',
        out: stream('out'),
        err: stream('err'),
        interrupted: bench.interruption.signal,
        clock,
        randomId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
        readFile: (path) => {
          const text = bench.files.get(path);
          if (text === undefined) {
            throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
          }
          return text;
        },
        connectAws: (connection) => {
          bench.connections.push(connection);
          return bench.aws;
        },
        connectCluster: (options) => {
          bench.clusterConnections.push(options);
          return bench.cluster;
        },
        connectAdminCluster: () => bench.adminCluster,
        newPassword: () => GENERATED_PASSWORD,
        ask: answer === undefined ? undefined : async () => answer,
      });
      return { code, ...captured };
    },
  };
}
