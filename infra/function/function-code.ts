import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, type NodejsFunctionProps, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/**
 * The SDK of AWS goes into the bundle: the one that the Lambda runtime brings changes under a running function, and an
 * ES module does not find it there. No source map: it doubles the archive and slows every cold start, and our errors
 * say by code what happened.
 */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  mainFields: ['module', 'main'],
  target: 'node24',
  minify: true,
  sourceMap: false,
  externalModules: [],
  // The SDK of Milvus is CommonJS and requires Node's own modules, which an ES module cannot without this.
  banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The functions by path, never by import: an import would load its SDKs at every synth. The published package brings the
 * bundle that build/package.ts made, next to the compiled constructs; in the repository esbuild makes it, without Docker.
 */
export function functionCode(
  fn: 'rotation' | 'overdue',
): Pick<NodejsFunctionProps, 'code' | 'entry' | 'handler' | 'bundling' | 'depsLockFilePath'> {
  const isCompiled = import.meta.url.endsWith('.js');
  if (isCompiled) {
    return { code: Code.fromAsset(here(`../../functions/${fn}`)), handler: 'index.handler' };
  }
  return {
    entry: here(fn === 'rotation' ? '../../lambda/handler.ts' : '../../lambda/overdue/handler.ts'),
    handler: 'handler',
    bundling: BUNDLING,
    depsLockFilePath: here('../../package-lock.json'),
  };
}
