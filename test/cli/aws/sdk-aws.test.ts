import { beforeEach, expect, it, vi } from 'vitest';
import type { Aws, AwsConnection } from '../../../cli/aws/aws.ts';
import { createSdkAws } from '../../../cli/aws/sdk-aws.ts';
import { type RestAnswer, type RestCall, restServer } from '../../adapters/support/rest-server.ts';

const ROLE = { account: '111122223333', name: 'reader' };
const HOUR_MS = 3_600_000;

/** Each request, with the access key that signed it. */
let sent: string[] = [];
/** How long the next credentials are valid. `undefined`: nobody may assume the role. */
let validMs: number | undefined;

/** STS, whose credentials are ASSUMED1 and so on, and AWS without a secret and without an event. */
function answer({ headers, body }: RestCall): RestAnswer {
  const form = new URLSearchParams(body);
  const by = /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1];
  if (form.get('Action') !== 'AssumeRole') {
    sent.push(`${headers['x-amz-target']?.toString().split('.').at(-1)} by ${by}`);
    return { status: 200, body: '{}' };
  }
  sent.push(`AssumeRole ${form.get('RoleArn')} as ${form.get('RoleSessionName')} by ${by}`);
  if (validMs === undefined) {
    const error = '<Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message>';
    return { status: 403, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
  }
  const key = `ASSUMED${sent.filter((line) => line.startsWith('AssumeRole')).length}`;
  const until = new Date(Date.now() + validMs).toISOString();
  const credentials = `<AccessKeyId>${key}</AccessKeyId><SecretAccessKey>none</SecretAccessKey><SessionToken>none</SessionToken><Expiration>${until}</Expiration>`;
  const result = `<AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult>`;
  return { status: 200, body: `<AssumeRoleResponse>${result}</AssumeRoleResponse>` };
}

/** A machine without AWS configuration. No name lookup and no request leaves it. */
beforeEach(async () => {
  const { endpoint } = await restServer(answer);
  for (const [name, value] of Object.entries({
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_ACCESS_KEY_ID: 'OWN',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_PROFILE: undefined,
    AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
  })) {
    vi.stubEnv(name, value);
  }
  sent = [];
  validMs = HOUR_MS;
});

function connect(connection: Partial<AwsConnection> = { role: ROLE }): Aws {
  return createSdkAws({ region: 'us-east-1', profile: undefined, ...connection }, new AbortController().signal);
}

it('names the profile that gives no credentials, and prints no warning of the SDK', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);

  await expect(connect({ profile: 'nope' }).rotation.describeSecret('orders')).rejects.toMatchObject({
    kind: 'credentials-missing',
    message: expect.stringContaining('nope'),
    advice: expect.stringContaining('aws configure list-profiles'),
  });
  expect(warn).not.toHaveBeenCalled();
});

it('lists the secrets of an account once in a command', async () => {
  const { rotation } = connect({});

  await rotation.listSecrets();
  await rotation.listSecrets();

  expect(sent).toEqual(['ListSecrets by OWN']);
});

it('looks up two pages of events a second, as AWS allows', async () => {
  const aws = connect({});
  const start = performance.now();

  await aws.readEvents('RotateSecret', { since: 0, until: 1000 });
  await aws.readEvents('RotationStarted', { since: 0, until: 1000 });

  expect(performance.now() - start).toBeGreaterThan(490);
  expect(sent).toHaveLength(2);
});

it('assumes a role once for all clients, in a session that names the command', async () => {
  const aws = connect();
  const period = { since: Date.now() - HOUR_MS, until: Date.now() };

  await Promise.all([aws.rotation.listSecrets(), aws.readEvents('RotateSecret', period)]);

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
  await connect({ region, role: ROLE }).rotation.listSecrets();

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
