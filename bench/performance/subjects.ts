import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunction } from '../../build/function-bundle.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';
import { bundleProgram } from '../cloud/lambda-function.ts';

export type SubjectId = 'grpc' | 'rest' | 'one-sdk-client' | 'http2';

/** A function that the benchmark measures. */
export interface MeasuredFunction {
  readonly id: SubjectId;
  readonly title: string;
  readonly transport: Transport;
  /** The environment variables that the function needs, except those that lead to the emulator. */
  readonly env?: Readonly<Record<string, string>>;
  /** Builds the function in an empty folder. @returns the file of the function */
  build(folder: string): Promise<string>;
}

const PRODUCT = { ALLOWED_ENDPOINTS: '127.0.0.1' };

export const SUBJECTS: readonly MeasuredFunction[] = [
  {
    id: 'grpc',
    title: 'this function, gRPC',
    transport: 'grpc',
    env: PRODUCT,
    build: buildDeployed,
  },
  {
    id: 'rest',
    title: 'this function, REST',
    transport: 'rest',
    env: { ...PRODUCT, CLUSTER_TRANSPORT: 'rest' },
    build: buildDeployed,
  },
  {
    id: 'one-sdk-client',
    title: "AWS's algorithm, one SDK client",
    transport: 'grpc',
    build: (folder) => buildProgram(folder, 'one-sdk-client.ts'),
  },
  {
    id: 'http2',
    title: "AWS's algorithm, bare HTTP/2",
    transport: 'grpc',
    build: (folder) => buildProgram(folder, 'bare-http2.ts'),
  },
];

async function buildDeployed(folder: string): Promise<string> {
  await bundleFunction('rotation', folder);
  return join(folder, 'index.js');
}

async function buildProgram(folder: string, program: string): Promise<string> {
  const file = join(folder, 'index.mjs');
  writeFileSync(file, await bundleProgram(`performance/programs/${program}`));
  return file;
}
