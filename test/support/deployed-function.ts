import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFunction, createPins } from '../../local/cloud/lambda-function.ts';
import { type PinsBySecret, SECRET_TARGETS } from '../../protocol/secret/rotated-secrets.ts';
import { servers } from './servers.ts';

/**
 * Creates the function that `cdk deploy` of this checkout deploys, for secrets with these pins. It
 * has no minimum gap.
 *
 * @returns the ARN
 */
export async function createRotationFunction(
  name: string,
  targets: PinsBySecret,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { access } = servers();
  const code = readFileSync(join(access.functionBundles ?? '', 'rotation', 'index.js'), 'utf8');
  return await createFunction(access, name, code, {
    file: 'index.js',
    environment: {
      [SECRET_TARGETS]: await createPins(access, `${name}/pins`, targets),
      ALLOWED_ENDPOINTS: '127.0.0.1',
      MINIMUM_GAP_MINUTES: '0',
      ...environment,
    },
  });
}
