import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, type NodejsFunctionProps, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * The bundle includes the AWS SDK, because Lambda updates the SDK of its runtime without notice
 * and an ES module cannot import that SDK. It has no source map, because a source map doubles the
 * archive and slows a cold start. Error codes identify the place of a failure.
 */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  mainFields: ['module', 'main'],
  target: 'node24',
  minify: true,
  sourceMap: false,
  externalModules: [],
  // The Milvus SDK is CommonJS and calls `require`, which does not exist in an ES module.
  banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};

const absolutePath = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Names the handler by path, because an import would load its SDKs at every synth. The published
 * package contains the bundle that build/package.ts made. In the repository, esbuild bundles the
 * handler without Docker.
 */
export function functionCode(
  fn: 'rotation' | 'overdue',
): Pick<NodejsFunctionProps, 'code' | 'entry' | 'handler' | 'bundling' | 'depsLockFilePath'> {
  const isCompiled = import.meta.url.endsWith('.js');
  if (isCompiled) {
    return { code: Code.fromAsset(absolutePath(`../../functions/${fn}`)), handler: 'index.handler' };
  }
  return {
    entry: absolutePath(fn === 'rotation' ? '../../lambda/handler.ts' : '../../lambda/overdue/handler.ts'),
    handler: 'handler',
    bundling: BUNDLING,
    depsLockFilePath: absolutePath('../../package-lock.json'),
  };
}
