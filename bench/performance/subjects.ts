import { copyFileSync, globSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunction } from '../../build/function-bundle.ts';
import { LOCAL, PROJECT } from '../../local/project.ts';
import type { Transport } from '../../protocol/cluster/transport.ts';
import { bundleProgram } from '../program-bundle.ts';
import { BASELINE, bundleBaseline } from './baseline.ts';

/** A function that the benchmark measures. */
export interface Subject {
  readonly id: SubjectId;
  readonly title: string;
  readonly transport: Transport;
  /** The environment variables that the function needs, except those that lead to the emulator. */
  readonly env?: Readonly<Record<string, string>>;
  /** Builds the function in an empty folder. */
  build(folder: string): Promise<BuiltSubject>;
}

export type SubjectId = 'grpc' | 'rest' | 'baseline' | 'one-sdk-client' | 'python' | 'http2';

export interface BuiltSubject {
  /** Starts a worker. */
  readonly command: readonly [string, ...string[]];
  /** The bytes that a deployment stores, uncompressed. */
  readonly bytes: number;
  /** The source of the packages in the bundle of another commit. */
  readonly packages?: string;
}

const PRODUCT = { ALLOWED_ENDPOINTS: '127.0.0.1' };

export const SUBJECTS: readonly Subject[] = [
  {
    id: 'grpc',
    title: 'this function, gRPC',
    transport: 'grpc',
    env: PRODUCT,
    build: deployedWorker,
  },
  {
    id: 'rest',
    title: 'this function, REST',
    transport: 'rest',
    env: { ...PRODUCT, CLUSTER_TRANSPORT: 'rest' },
    build: deployedWorker,
  },
  {
    id: 'baseline',
    title: `this function at ${BASELINE}`,
    transport: 'grpc',
    env: PRODUCT,
    build: async (folder) => {
      const packages = bundleBaseline(folder);
      return { ...nodeWorker(folder), packages };
    },
  },
  {
    id: 'one-sdk-client',
    title: "AWS's algorithm, Node, one SDK client",
    transport: 'grpc',
    build: (folder) => programWorker(folder, 'one-sdk-client.ts'),
  },
  {
    id: 'python',
    title: "AWS's algorithm, Python, pymilvus",
    transport: 'grpc',
    build: async (folder) => pythonWorker(folder),
  },
  {
    id: 'http2',
    title: "AWS's algorithm, Node, bare HTTP/2",
    transport: 'grpc',
    build: (folder) => programWorker(folder, 'bare-http2.ts'),
  },
];

async function deployedWorker(folder: string): Promise<BuiltSubject> {
  await bundleFunction('rotation', folder);
  return nodeWorker(folder);
}

async function programWorker(folder: string, program: string): Promise<BuiltSubject> {
  writeFileSync(join(folder, 'index.mjs'), await bundleProgram(`performance/programs/${program}`));
  return nodeWorker(folder);
}

function nodeWorker(folder: string): BuiltSubject {
  const [file = ''] = globSync('index.*', { cwd: folder });
  const bundle = join(folder, file);
  const command = [process.execPath, join(import.meta.dirname, 'worker.mjs'), bundle] as const;
  return { command, bytes: statSync(bundle).size };
}

/** Packages that are left out: Lambda's runtime for Python has them, or they install packages. */
const NOT_DEPLOYED = /^(boto3|botocore|s3transfer|jmespath|urllib3|dateutil|python_dateutil|six|pip|setuptools)\b/;

function pythonWorker(target: string): BuiltSubject {
  const venv = join(LOCAL, 'pymilvus');
  const [packages = ''] = globSync('lib/python3.*/site-packages', { cwd: venv });
  const folder = join(venv, packages);
  const files = globSync('**', { cwd: folder, exclude: ['**/__pycache__'] })
    .filter((file) => !NOT_DEPLOYED.test(file))
    .map((file) => statSync(join(folder, file)))
    .filter((entry) => entry.isFile());
  // A copy, because Python writes the compiled module next to the module.
  const program = join(target, 'rotation.py');
  copyFileSync(join(PROJECT, 'bench', 'aws-single-user', 'rotation.py'), program);
  return {
    command: [join(venv, 'bin', 'python'), '-I', join(import.meta.dirname, 'worker.py'), program],
    bytes: files.reduce((sum, { size }) => sum + size, statSync(program).size),
  };
}
