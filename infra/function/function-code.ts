import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code, type FunctionProps } from 'aws-cdk-lib/aws-lambda';

const absolutePath = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Names the handler by path, because an import would load its SDKs at every synth. The published
 * package contains the bundle that build/package.ts made. In the repository, build/bundle.ts makes
 * the same bundle at synth.
 */
export function functionCode(fn: 'rotation' | 'overdue'): Pick<FunctionProps, 'code' | 'handler'> {
  const isCompiled = import.meta.url.endsWith('.js');
  const code = isCompiled ? Code.fromAsset(absolutePath(`../../functions/${fn}`)) : bundledAtSynth(fn);
  return { code, handler: 'index.handler' };
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
