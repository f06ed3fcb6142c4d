import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code, type FunctionProps, Runtime, RuntimeFamily } from 'aws-cdk-lib/aws-lambda';

const absolutePath = (path: string): string => resolve(import.meta.dirname, path);

/** `Runtime.NODEJS_24_X`, which the oldest supported releases of the CDK lack. */
const NODEJS_24 = new Runtime('nodejs24.x', RuntimeFamily.NODEJS);

/**
 * Names the handler by path, because an import would load its SDKs at every synth. The published
 * package contains the bundle that build/package.ts made. In the repository, build/bundle.ts makes
 * the same bundle at synth.
 */
export function functionCode(fn: 'rotation' | 'overdue'): Pick<FunctionProps, 'code' | 'handler' | 'runtime'> {
  const isCompiled = import.meta.filename.endsWith('.js');
  const code = isCompiled ? Code.fromAsset(absolutePath(`../../functions/${fn}`)) : bundledAtSynth(fn);
  return { code, handler: 'index.handler', runtime: NODEJS_24 };
}

function bundledAtSynth(fn: string): Code {
  return Code.fromAsset(absolutePath('../../lambda'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // The CDK requires an image, and compares the command to tell one asset from another.
      // The image is never used.
      image: DockerImage.fromRegistry('unused'),
      command: [fn],
      local: {
        tryBundle: (folder) => {
          // The standard output of `cdk synth` is the template.
          const program = absolutePath('../../build/bundle.ts');
          execFileSync(process.execPath, [program, fn, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
          return true;
        },
      },
    },
  });
}
