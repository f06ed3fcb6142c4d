import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { PROJECT } from '../../local/project.ts';
import { newDocument } from '../../protocol/secret/document.ts';
import { type RestAnswer, restServer } from '../adapters/support/rest-server.ts';

const PASSWORD = 'Pa-ss_w0rd';

/** Runs examples/consume/curl.sh with an AWS CLI that prints this secret, or gives no answer. */
async function callThroughExample(
  secret: string | undefined,
  MAX_SECONDS = '100',
): Promise<{ code: number; out: string; err: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'curl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = secret === undefined ? 'sleep 600' : `cat <<'SECRET'\n${secret}\nSECRET`;
  writeFileSync(join(folder, 'aws'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'aws'), 0o755);
  const example = join(PROJECT, 'examples', 'consume', 'curl.sh');
  const child = spawn('bash', [example, 'milvus/orders', '/v2/vectordb/collections/list', '{}'], {
    env: { PATH: [folder, process.env['PATH']].join(delimiter), MAX_SECONDS },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: Number(code), out, err };
}

const secretFor = (endpoint: string): string => newDocument({ endpoint, username: 'orders', password: PASSWORD });

it.each<[string, RestAnswer, number]>([
  ['0 if the cluster has executed the call', { status: 200, body: { code: 0, data: [] } }, 0],
  ['0 for the success of an older Milvus', { status: 200, body: { code: 200, data: [] } }, 0],
  ['1 if a gateway answers HTTP 502', { status: 502, body: '<html>Bad Gateway</html>' }, 1],
  ['1 if a gateway answers HTTP 502 with a code of Milvus', { status: 502, body: { code: 0 } }, 1],
  ['1 if a gateway answers HTTP 502 without a text', { status: 502, body: '' }, 1],
  ['1 if the cluster refuses the arguments', { status: 200, body: { code: 1100, message: 'no name' } }, 1],
])('curl.sh exits with %s, and prints the answer', async (_title, answer, expected) => {
  const { endpoint, calls } = await restServer(() => answer);
  const { code, out } = await callThroughExample(secretFor(endpoint.url));
  expect(code).toBe(expected);
  expect(out.trimEnd()).toBe(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  expect(calls.map(({ headers }) => headers.authorization)).toEqual([`Bearer orders:${PASSWORD}`]);
});

it.each(['cluster', 'Secrets Manager'])('curl.sh exits with 1 at its time limit if %s is silent', async (silent) => {
  const { endpoint } = await restServer(() => undefined);
  const { code, err } = await callThroughExample(silent === 'cluster' ? secretFor(endpoint.url) : undefined, '1');
  expect([code, err]).toEqual([1, expect.stringMatching(/\b1 seconds/)]);
});

it('curl.sh calls no host for a secret that names no endpoint', async () => {
  const { code, err } = await callThroughExample(JSON.stringify({ username: 'orders', password: PASSWORD }));
  expect([code, err]).toEqual([1, 'The secret milvus/orders is no JSON with endpoint and credential.\n']);
});
