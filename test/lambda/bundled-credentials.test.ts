import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction } from '../../build/function-bundle.ts';
import { restServer } from '../adapters/support/rest-server.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'bundled-credentials-'));

beforeAll(async () => {
  await bundleFunction('overdue', folder);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the bundled check of an account without secrets, and tells who signed its requests. */
async function signerOf(environment: Record<string, string>): Promise<string> {
  const secretsManager = await restServer(() => ({ status: 200, body: { SecretList: [] } }));
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint.url,
    HOME: folder,
    ...environment,
  };
  const program = 'require(process.argv[1]).handler().catch(({ message }) => process.stderr.write(message))';
  const { stderr } = await run(process.execPath, ['--eval', program, join(folder, 'index.js')], { env });
  const signer = /Credential=([^/]+)/.exec(secretsManager.calls[0]?.headers.authorization ?? '')?.[1];
  return stderr === '' ? (signer ?? 'nobody') : stderr;
}

describe('the bundle signs with the credentials', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'KEY-OF-ENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'none', AWS_SESSION_TOKEN: 'none' };

  it('of the environment, as in Lambda', async () => {
    expect(await signerOf(keys)).toBe('KEY-OF-ENVIRONMENT');
  });

  it('of an HTTP endpoint, although the sources before it are left out', async () => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const source = await restServer(({ headers }) => ({
      status: headers.authorization === 'token-of-the-runtime' ? 200 : 403,
      body: { AccessKeyId: 'KEY-OF-ENDPOINT', SecretAccessKey: 'none', Token: 'none', Expiration },
    }));
    const environment = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: source.endpoint.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token-of-the-runtime',
    };
    expect(await signerOf(environment)).toBe('KEY-OF-ENDPOINT');
  });

  it('of nobody where no source has any, and says so', async () => {
    expect(await signerOf({ AWS_EC2_METADATA_DISABLED: 'true' })).toBe('Could not load credentials from any providers');
  });
});
