import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssetHashType, DockerImage, Stack } from 'aws-cdk-lib';
import { Code, type FunctionProps, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { describeFunction, PRODUCT } from '../../telemetry/product-version.ts';

/** `Runtime.NODEJS_24_X`, which the oldest supported releases of the CDK lack. */
const NODEJS_24 = new Runtime('nodejs24.x', RuntimeFamily.NODEJS);

/** The code of a function in the stack of `scope`, and the description that names its version. */
export function functionCode(
  scope: IConstruct,
  fn: 'rotation' | 'overdue' | 'restart',
  purpose: string,
): Pick<FunctionProps, 'code' | 'description' | 'handler' | 'runtime'> {
  // `cdk ls` and most tests need no code.
  const bundle = Stack.of(scope).bundlingRequired ? readBundle(fn) : undefined;
  const version = bundle === undefined ? PRODUCT.version : versionOfCode(bundle);
  const code = Code.fromAsset(import.meta.dirname, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The CDK requires an image, which is never used, and compares the command to tell one asset
      // from another.
      image: DockerImage.fromRegistry('unused'),
      command: [fn, version],
      local: {
        tryBundle: (folder) => {
          const file = join(folder, 'index.js');
          writeFileSync(file, bundle ?? '');
          // Lambda reads the file as another user. The umask of this machine may forbid that.
          chmodSync(file, 0o644);
          return true;
        },
      },
    },
  });
  return { code, description: describeFunction(purpose, version), handler: 'index.handler', runtime: NODEJS_24 };
}

/**
 * The version of the code of a function: `0.2.0+ab12cd34ef56`. The build metadata is the start of
 * the SHA-256 of the code, because several commits have the same version.
 */
export function versionOfCode(bundle: string | Uint8Array): string {
  return `${PRODUCT.version}+${createHash('sha256').update(bundle).digest('hex').slice(0, 12)}`;
}

/**
 * Names the handler by path, because an import would load its SDKs at every synth. The published
 * package contains the bundle that build/package.ts made. In the repository, build/bundle.ts makes
 * the same bundle at synth.
 */
function readBundle(fn: string): Uint8Array {
  const absolutePath = (path: string): string => resolve(import.meta.dirname, path);
  const isCompiled = import.meta.filename.endsWith('.js');
  return isCompiled
    ? readFileSync(absolutePath(`../../functions/${fn}/index.js`))
    : execFileSync(process.execPath, [absolutePath('../../build/bundle.ts'), fn], {
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: Number.POSITIVE_INFINITY,
      });
}
