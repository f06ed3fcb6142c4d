import { bundle, FUNCTIONS } from '../../build/function-bundle.ts';
import { bundleProgram } from '../../local/cloud/lambda-function.ts';
import type { Transport } from '../../protocol/cluster/endpoint.ts';

export type SubjectId = 'grpc' | 'rest' | 'one-sdk-client' | 'http2';

/** A function that the benchmark measures. */
export interface Subject {
  readonly title: string;
  readonly transport: Transport;
  /** The environment variables that the function needs, except those that lead to the emulator. */
  readonly env: Readonly<Record<string, string>>;
  /** The name of the bundle: `index.js` for CommonJS, `index.mjs` for an ES module. */
  readonly file: string;
  readonly code: () => Promise<string>;
}

const PRODUCT = { file: 'index.js', code: async () => (await bundle(FUNCTIONS.rotation)).code };
const ALLOWED_ENDPOINTS = '127.0.0.1';

export const SUBJECTS: Readonly<Record<SubjectId, Subject>> = {
  grpc: { title: 'this function, gRPC', transport: 'grpc', env: { ALLOWED_ENDPOINTS }, ...PRODUCT },
  rest: {
    title: 'this function, REST',
    transport: 'rest',
    env: { ALLOWED_ENDPOINTS, CLUSTER_TRANSPORT: 'rest' },
    ...PRODUCT,
  },
  'one-sdk-client': program("AWS's algorithm, one SDK client", 'one-sdk-client.ts'),
  http2: program("AWS's algorithm, bare HTTP/2", 'bare-http2.ts'),
};

function program(title: string, entry: string): Subject {
  const code = () => bundleProgram(`bench/performance/programs/${entry}`);
  return { title, transport: 'grpc', env: {}, file: 'index.mjs', code };
}
