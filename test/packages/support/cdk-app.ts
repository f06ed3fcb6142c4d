import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NODE_BIN, PROJECT } from '../../../local/project.ts';
import { servers } from '../../support/servers.ts';
import { extract, pack, succeedIn } from './packed.ts';

/** `cdk init` names the files and classes of an app after its folder. */
const NAME = 'orders';

/** ts-node needs the compiler API, which TypeScript 7 lacks. attw brings a TypeScript 5. */
const TYPESCRIPT_5: string = dirname(
  createRequire(join(PROJECT, 'node_modules', '@arethetypeswrong', 'core', 'package.json')).resolve(
    'typescript/package.json',
  ),
);

/** The module `lib/orders-stack.ts` of an app, with the code of the README. */
function readmeStack(): string {
  const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
  const [, block = ''] = /^ {3}```ts\n(.*?)^ {3}```/ms.exec(readme) ?? [];
  const [imports, code] = block.split(/\n\n/);
  return `${imports}
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export class OrdersStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    ${code}
  }
}
`;
}

/**
 * Runs the real `cdk init`, and adds the packed constructs and the stack of the README. The
 * folder is below the project, so modules find the other packages in the `node_modules` of the
 * project.
 */
export async function initCdkApp(): Promise<string> {
  const app = join(mkdtempSync(join(servers().access.stateDir, 'app-')), NAME);
  mkdirSync(app);
  await succeedIn(app, join(NODE_BIN, 'cdk'), ['init', 'app', '--language', 'typescript', '--generate-only'], {
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CI: 'true',
  });
  await extract(await pack('packages/constructs'), app);
  // tsconfig.json of `cdk init` names this folder.
  symlinkSync(join(PROJECT, 'node_modules', '@types'), join(app, 'node_modules', '@types'));
  symlinkSync(TYPESCRIPT_5, join(app, 'node_modules', 'typescript'));
  writeFileSync(join(app, 'lib', `${NAME}-stack.ts`), readmeStack());
  return app;
}
