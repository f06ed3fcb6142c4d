import { describe, expect, it } from 'vitest';
import type { InspectedFunction } from '../../../cli/aws/inspection.ts';
import { formatPinsLocation, PINS_FOLDER } from '../../../protocol/secret/pins.ts';
import { formatPins, SECRET_TARGETS } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { replace } from '../support/replace.ts';
import { createFakeRotation, documentOf, ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

interface Check {
  check: string;
  status: string;
  reason: string;
  fix: string | null;
}

async function checksOf(...options: string[]): Promise<{ code: number; checks: readonly Check[] }> {
  const { code, document } = await fixture.runJson('doctor', 'orders', ...options);
  return { code, checks: document.checks };
}

/** The results of one check. */
async function check(name: string, ...options: string[]): Promise<readonly Check[]> {
  return (await checksOf(...options)).checks.filter((result) => result.check === name);
}

/** The function has rotated the current version. */
function logRotation(): void {
  createFakeRotation(orders, 'orders-v1', fixture.clock).log('step-finished', 'testSecret');
}

describe('doctor', () => {
  it('passes every check of a secret that is in order', async () => {
    logRotation();

    const { code, checks } = await checksOf();

    expect(code).toBe(0);
    expect(checks.map((result) => `${result.check} ${result.status}`)).toEqual([
      'identity pass',
      'secret pass',
      'network pass',
      'allowed-host pass',
      'other-secrets pass',
      'other-apps pass',
      'function pass',
      'execution-role pass',
      'keys pass',
      'function-network pass',
      'alarms pass',
      'alarms pass',
    ]);
    expect(checks.filter(({ fix }) => fix !== null)).toEqual([]);
  });

  it('ends with a failed check if the secret cannot be read', async () => {
    const { code, document } = await fixture.runJson('doctor', 'nobody');

    expect(code).toBe(3);
    expect(document.checks.at(-1)).toMatchObject({
      check: 'secret',
      status: 'fail',
      fix: expect.stringContaining('Check the name'),
    });
  });
});

it('doctor names what the description shows, if the value of the secret cannot be read', async () => {
  Object.assign(orders, { deletedAt: 1 });
  fixture.aws.failing.set('read', 'access-denied');

  const { checks } = await checksOf();

  expect(checks.map(({ check, status }) => `${status} ${check}`)).toEqual([
    'pass identity',
    'fail marked-for-deletion',
    'fail secret',
  ]);
  expect(checks[1]?.fix).toContain('`aws secretsmanager restore-secret ');
});

const account = () => fixture.aws.inspection.account;

const ALARM = {
  ...{ name: 'errors', state: 'OK', actionsEnabled: true, reportsMissingData: false },
  actions: ['arn:aws:sns:us-east-1:1:alarms'],
};

const deployed = (state: Partial<InspectedFunction>) => Object.assign(account().rotationFunction ?? {}, state);
const ofAccount = (state: Partial<ReturnType<typeof account>>) => Object.assign(account(), state);
const failed = (code: string) => Object.assign(fixture, { network: { kind: 'failed', code } });
const key = (state: Partial<ReturnType<typeof account>>) => {
  orders.kmsKeyId = 'key-1';
  Object.assign(account(), state);
};

it.each<[check: string, status: Check['status'], why: string, cause: () => unknown]>([
  ['execution-role', 'fail', 'a denied action', () => account().denied.add('secretsmanager:PutSecretValue')],
  ['allowed-host', 'fail', 'a host that only the function refuses', () => allowForFunction('milvus.example.com')],
  ['network', 'fail', 'a closed port', () => failed('ECONNREFUSED')],
  ['network', 'fail', 'a private authority', () => failed('SELF_SIGNED_CERT_IN_CHAIN')],
  ['network', 'warning', 'a certificate that expires in 13 days', () => expireOn('2026-03-14T12:00:00Z')],
  ['pins', 'warning', 'a user without an endpoint', () => pinOwn('{"orders":{"username":"app"}}')],
  ['other-apps', 'warning', 'the pins of another app', () => pinElsewhere('Other/F/of-2/0', 'Other/F/of-2/1')],
  ['other-apps', 'warning', 'pins of its own', () => pinElsewhere('each/orders')],
  ['function', 'fail', 'a failed function', () => deployed({ state: 'Failed' })],
  ['function', 'warning', 'another version', () => deployed({ version: '1.2.2' })],
  ['keys', 'fail', 'a disabled key', () => key({ keyState: 'Disabled' })],
  ['keys', 'fail', 'a key that will be deleted', () => key({ keyState: 'PendingDeletion' })],
  ['keys', 'fail', 'a key that does not exist', () => key({ keyState: undefined })],
  ['keys', 'warning', 'a key that the role may not use', () => key({ denied: new Set(['kms:GenerateDataKey']) })],
  ['function-network', 'unknown', 'a change after the last rotation', changeAfterRotation],
  ['function-network', 'unknown', 'subnets', () => deployed({ subnetIds: ['subnet-1'] })],
  ['alarms', 'warning', 'no alarm', () => ofAccount({ alarms: [] })],
  ['alarms', 'warning', 'an alarm without an action', () => ofAccount({ alarms: [{ ...ALARM, actions: [] }] })],
  ['alarms', 'warning', 'a topic without subscriptions', () => subscribed(0, 0)],
  ['alarms', 'warning', 'a topic that nobody has confirmed', () => subscribed(0, 1)],
  ['alarms', 'warning', 'a raised alarm', () => ofAccount({ alarms: [{ ...ALARM, state: 'ALARM' }] })],
  ['alarms', 'warning', 'a check for overdue rotations that does not run', () => lackData(true)],
  ['function-network', 'unknown', 'a log that AWS denies', () => Object.assign(orders, { logError: 'access-denied' })],
  ['other-secrets', 'fail', 'a copy that rotates', () => addCopy(orders.rotationFunctionArn)],
])('the check %s is a %s because of %s, and says what helps', async (name, status, _, cause) => {
  await cause();

  const { code, checks } = await checksOf();

  const results = checks.filter((result) => result.check === name);
  expect(results.map((result) => result.status)).toContain(status);
  expect(code).toBe(checks.some((result) => result.status === 'fail') ? 3 : 0);
  expect(results.find((result) => result.status === status)?.fix).toEqual(expect.any(String));
});

it.each<[check: string, statuses: readonly Check['status'][], why: string, cause: () => unknown]>([
  ['alarms', ['pass', 'pass'], 'an alarm without data does not report missing data', () => lackData(false)],
  ['function', ['pass'], 'rotation is off on purpose', turnOffOnPurpose],
  ['other-secrets', ['pass'], 'nothing rotates the copy, so doctor does not read it', () => addCopy(undefined)],
  [
    'other-secrets',
    ['unknown'],
    'AWS does not list the secrets',
    () => fixture.aws.failing.set('ListSecrets', 'other'),
  ],
  ['other-apps', ['pass'], 'the pins are of the function itself and of other secrets', pinOthers],
  ['other-apps', ['unknown'], 'the pins of another app cannot be read', addUnreadablePins],
  ['pins', ['pass'], 'the function pins endpoint and user', pinOthers],
])('the check %s has the results %j if %s, and nothing is to be done', async (name, statuses, _, cause) => {
  cause();

  const results = await check(name);

  expect(results.map(({ status, fix }) => [status, fix])).toEqual(statuses.map((status) => [status, null]));
});

function addCopy(rotationFunctionArn: string | undefined): void {
  fixture.aws.add('copy', documentOf(OLD_PASSWORD), { rotationFunctionArn });
}

function turnOffOnPurpose(): void {
  orders.store.rotationEnabled = false;
  orders.store.tags['zilliz:rotation'] = 'off';
  orders.rotationFunctionArn = undefined;
}

function pinOthers(): void {
  pinElsewhere('Own/F/1/0', 'Other/F/1/0');
  pinOwn(formatPins({ orders: { endpoint: ENDPOINT, username: 'app' } }));
  fixture.aws.pinned[`${PINS_FOLDER}Other/F/1/0`] = formatPins({ search: { username: 'search' } });
}

function addUnreadablePins(): void {
  fixture.aws.add(`${PINS_FOLDER}Other/F/1/0`, '{}', { rotationFunctionArn: undefined });
}

function pinOwn(text: string): void {
  const prefix = `${PINS_FOLDER}Own/F/1`;
  fixture.aws.environment[SECRET_TARGETS] = formatPinsLocation({ prefix, count: 1, isComplete: false });
  fixture.aws.pinned[`${prefix}/0`] = text;
}

/** Secrets with pins. Each has an entry for the secret, and only one is asked for it. */
function pinElsewhere(...names: readonly string[]): void {
  for (const name of names.map((end) => `${PINS_FOLDER}${end}`)) {
    fixture.aws.add(name, '{}', { rotationFunctionArn: undefined });
    fixture.aws.pinned[name] = formatPins({ orders: {} });
  }
}

function allowForFunction(hosts: string): void {
  fixture.aws.environment['ALLOWED_ENDPOINTS'] = hosts;
}

function expireOn(date: string): void {
  fixture.network = { kind: 'done', certificate: { validTo: Date.parse(date), issuer: 'Example' } };
}

function changeAfterRotation(): void {
  logRotation();
  deployed({ lastModified: '2026-03-01T13:00:00Z' });
}

function lackData(reportsMissingData: boolean): void {
  ofAccount({ alarms: [{ ...ALARM, state: 'INSUFFICIENT_DATA', reportsMissingData }] });
}

function subscribed(confirmed: number, pending: number): void {
  ofAccount({ subscriptions: { confirmed, pending } });
}

describe('a check that AWS refuses', () => {
  it.each([
    ['GetFunctionConfiguration', ['allowed-host', 'other-apps', 'function', 'execution-role', 'function-network']],
    ['GetPolicy', []],
    ['SimulatePrincipalPolicy', ['execution-role']],
    ['DescribeAlarms', ['alarms']],
    ['ListSubscriptionsByTopic', ['alarms']],
  ] as const)('because of %s is unknown, and no other check fails', async (action, names) => {
    logRotation();
    fixture.aws.failing.set(action, 'access-denied');

    const { code, checks } = await checksOf();

    expect(code).toBe(0);
    expect([...new Set(checks.filter(({ status }) => status === 'unknown').map((result) => result.check))]).toEqual(
      names,
    );
  });
});

it('prints what is wrong before what passes', async () => {
  orders.nextRotationAt = fixture.clock.now() - 1;

  const { out } = await fixture.run(['doctor', 'orders']);

  const printed = [...out.matchAll(/^ {2}(fail|warning|unknown|pass) /gm)].map(([, status = '']) => status);
  const order = ['fail', 'warning', 'unknown', 'pass'];
  expect(new Set(printed).size).toBeGreaterThan(2);
  expect(printed).toEqual(printed.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
});

it('has no fix for a finding whose cause has one', async () => {
  orders.nextRotationAt = fixture.clock.now() - 1;
  fixture.aws.failing.set('GetFunctionConfiguration', 'not-found');

  const [overdue] = await check('overdue');
  const { out } = await fixture.run(['doctor', 'orders']);

  expect(overdue).toMatchObject({ status: 'fail', fix: null });
  expect(out).not.toMatch(/\n +\n/);
});

it('the check of a customer key passes, because the simulation has the context that the policy requires', async () => {
  logRotation();
  orders.kmsKeyId = 'arn:aws:kms:us-east-1:000000000000:key/1';
  const requests: (readonly [resource: string, context: unknown])[] = [];
  const { inspection } = fixture.aws;
  replace(inspection, 'simulate', (simulate) => async (caller, actions, resource, context) => {
    requests.push([resource, context]);
    return await simulate(caller, actions, resource, context);
  });

  expect(await check('keys')).toMatchObject([{ status: 'pass' }]);
  expect(requests).toContainEqual([
    orders.kmsKeyId,
    { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com', 'kms:EncryptionContext:SecretARN': orders.arn },
  ]);
});
