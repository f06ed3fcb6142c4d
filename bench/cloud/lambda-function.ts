import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Lambda } from '@aws-sdk/client-lambda';
import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';
import { bundle, FUNCTIONS } from '../../build/function-bundle.ts';
import { awsOptions, LOCAL_ACCOUNT } from '../../local/cloud/access.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { formatPinsLocation, pinsSecretOf } from '../../protocol/secret/pins.ts';
import { formatPins, type PinsBySecret, SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { CloudSecret } from './cloud-secret.ts';

/**
 * Creates a function that Secrets Manager may invoke.
 *
 * @param source a module that exports `handler`.
 * @param file `index.mjs` for an ES module, `index.js` for a CommonJS module.
 * @returns the ARN
 */
export async function createFunction(
  { access }: AttachedCloud,
  name: string,
  source: string,
  { file = 'index.mjs', environment = {} }: { file?: string; environment?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const lambda = new Lambda(awsOptions(access));
  const { FunctionArn = '' } = await lambda.createFunction({
    FunctionName: name,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}`,
    Timeout: 60,
    Environment: { Variables: environment },
    Code: { ZipFile: zipSync({ [file]: strToU8(source) }) },
  });
  await lambda.addPermission({
    FunctionName: name,
    StatementId: 'secrets-manager',
    Action: 'lambda:InvokeFunction',
    Principal: 'secretsmanager.amazonaws.com',
    SourceAccount: LOCAL_ACCOUNT,
  });
  return FunctionArn;
}

/** Creates a function that does nothing. @returns the ARN */
export async function createIdleFunction(cloud: AttachedCloud): Promise<string> {
  return await createFunction(cloud, `idle-${randomUUID()}`, 'export const handler = async () => {};');
}

/** Creates the secret with the pins of secrets. @returns what a function reads of it */
export async function createPins(cloud: AttachedCloud, prefix: string, targets: PinsBySecret): Promise<string> {
  const pins = { prefix, count: 1, isComplete: true };
  const secret = new CloudSecret(cloud.access, pinsSecretOf('any', pins));
  await secret.create(formatPins(targets));
  secret.close();
  return formatPinsLocation(pins);
}

/**
 * Creates the function that `cdk deploy` of this checkout deploys, for secrets with these pins. It
 * has no minimum gap.
 *
 * @returns the ARN
 */
export async function createRotationFunction(
  cloud: AttachedCloud,
  name: string,
  targets: PinsBySecret,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { functionBundles } = cloud.access;
  const code =
    functionBundles === undefined
      ? (await bundle(FUNCTIONS.rotation)).code
      : await readFile(join(functionBundles, 'rotation', 'index.js'), 'utf8');
  return await createFunction(cloud, name, code, {
    file: 'index.js',
    environment: {
      [SECRET_TARGETS]: await createPins(cloud, `${name}/pins`, targets),
      ALLOWED_ENDPOINTS: '127.0.0.1',
      MINIMUM_GAP_MINUTES: '0',
      ...environment,
    },
  });
}

/**
 * Bundles a program of bench/ with everything that the SDKs import, unlike the deployed function.
 *
 * @param entry the path of the program, relative to bench/.
 * @returns the source of an ES module.
 */
export async function bundleProgram(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '..', entry)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'node24',
    minify: true,
    write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outputFiles[0]?.text ?? '';
}
