import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction } from '../../build/function-bundle.ts';
import { serve } from '../support/loopback.ts';

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
  let signer = 'nobody';
  const secretsManager = createServer((request, response) => {
    signer = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody';
    response.setHeader('content-type', 'application/x-amz-json-1.1').end('{"SecretList":[]}');
  });
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: (await serve(secretsManager)).url,
    HOME: folder,
    ...environment,
  };
  const program = 'require(process.argv[1]).handler().catch(({ message }) => process.stderr.write(message))';
  const { stderr } = await run(process.execPath, ['--eval', program, join(folder, 'index.js')], { env });
  return stderr === '' ? signer : stderr;
}

describe('the bundle signs with the credentials', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'KEY-OF-ENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'none', AWS_SESSION_TOKEN: 'none' };

  it('of the environment, as in Lambda', async () => {
    expect(await signerOf(keys)).toBe('KEY-OF-ENVIRONMENT');
  });

  it('of an HTTP endpoint, although the sources before it are left out', async () => {
    const source = createServer((request, response) => {
      const known = request.headers.authorization === 'token-of-the-runtime';
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      const keys = { AccessKeyId: 'KEY-OF-ENDPOINT', SecretAccessKey: 'none', Token: 'none', Expiration };
      response.writeHead(known ? 200 : 403).end(JSON.stringify(keys));
    });
    const environment = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: (await serve(source)).url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token-of-the-runtime',
    };
    expect(await signerOf(environment)).toBe('KEY-OF-ENDPOINT');
  });

  it('of nobody where no source has any, and says so', async () => {
    expect(await signerOf({ AWS_EC2_METADATA_DISABLED: 'true' })).toBe('Could not load credentials from any providers');
  });
});
