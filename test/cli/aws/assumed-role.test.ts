import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createSdkAws } from '../../../cli/aws/sdk-aws.ts';

const ROLE = { account: '111122223333', name: 'reader' };
const HOUR_MS = 3_600_000;

/** Each request, with the access key that signed it. */
let sent: string[] = [];
/** How long the next credentials are valid. `undefined`: nobody may assume the role. */
let validMs: number | undefined;

/** STS, whose credentials are ASSUMED1 and so on, and AWS without a secret and without an event. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = new URLSearchParams(await text(request));
  const by = /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1];
  if (form.get('Action') !== 'AssumeRole') {
    sent.push(`${request.headers['x-amz-target']?.toString().split('.').at(-1)} by ${by}`);
    response.end('{}');
    return;
  }
  sent.push(`AssumeRole ${form.get('RoleArn')} as ${form.get('RoleSessionName')} by ${by}`);
  const key = `ASSUMED${sent.filter((line) => line.startsWith('AssumeRole')).length}`;
  const until = new Date(Date.now() + (validMs ?? 0)).toISOString();
  response.statusCode = validMs === undefined ? 403 : 200;
  response.end(
    validMs === undefined
      ? '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>'
      : `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>none</SecretAccessKey><SessionToken>none</SessionToken><Expiration>${until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

const server = createServer((request, response) => void answer(request, response));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'OWN');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  sent = [];
  validMs = HOUR_MS;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function connect(region = 'us-east-1') {
  return createSdkAws({ region, profile: undefined, role: ROLE }, new AbortController().signal);
}

it('assumes the role once for all clients, in a session that names the command', async () => {
  const aws = connect();
  const period = { since: Date.now() - HOUR_MS, until: Date.now() };

  await Promise.all([aws.rotation.listSecrets(), aws.trail.readEvents('RotateSecret', period, undefined)]);

  expect(sent[0]).toBe('AssumeRole arn:aws:iam::111122223333:role/reader as zilliz-rotation by OWN');
  expect(sent.slice(1).toSorted()).toEqual(['ListSecrets by ASSUMED1', 'LookupEvents by ASSUMED1']);
});

it('assumes the role again before the credentials expire', async () => {
  validMs = 60_000;
  const aws = connect();

  await aws.rotation.listSecrets();
  await aws.rotation.listSecrets();

  expect(sent.filter((line) => !line.startsWith('AssumeRole')).at(-1)).not.toBe('ListSecrets by ASSUMED1');
});

it.each([
  ['cn-north-1', 'arn:aws-cn:iam::111122223333:role/reader'],
  ['us-gov-west-1', 'arn:aws-us-gov:iam::111122223333:role/reader'],
])('in %s names the role in the partition of the region', async (region, arn) => {
  await connect(region).rotation.listSecrets();

  expect(sent[0]).toContain(`AssumeRole ${arn} `);
});

it('says that the role could not be assumed', async () => {
  validMs = undefined;

  await expect(connect().rotation.listSecrets()).rejects.toMatchObject({
    kind: 'access-denied',
    action: 'AssumeRole',
    message: expect.stringContaining('not authorized to perform: sts:AssumeRole'),
  });
});
