import { describe, expect, it } from 'vitest';
import { AWSPENDING } from '../../../protocol/secret/versions.ts';
import { DOCTOR_STORIES } from '../advice/doctor-stories.ts';
import { STATUS_STORIES } from '../advice/status-stories.ts';
import { ordersWorld, type Story } from '../advice/story.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const ACCOUNT = '000000000000';

interface Check {
  check: string;
  status: string;
  reason: string;
  fix: string | null;
  madeBy: string;
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
  for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
    orders.lines.push({
      versionId: 'orders-v1',
      secretArn: orders.arn,
      id: step,
      at: Date.parse('2026-02-20T03:00:00Z'),
      event: 'step-finished',
      step,
      message: '',
      durationMs: 1,
      failure: undefined,
    });
  }
}

describe('doctor', () => {
  it('passes every check of a secret that is in order, in the order in which the chain breaks', async () => {
    logRotation();

    const { code, checks } = await checksOf();

    expect(code).toBe(0);
    expect(checks.map((result) => `${result.check} ${result.status} ${result.madeBy}`)).toEqual([
      'identity pass command',
      'permissions pass command',
      'secret pass command',
      'document pass command',
      'allowed-host pass command',
      'allowed-host pass function',
      'dns pass command',
      'tcp pass command',
      'tls pass command',
      'login pass command',
      'authorization pass command',
      'own-password pass function',
      'users pass command',
      'other-secrets pass command',
      'function pass command',
      'invoke-permission pass command',
      'execution-role pass command',
      'keys pass command',
      'function-network pass function',
      'schedule pass command',
      'log-group pass command',
      'alarms pass command',
      'alarms pass command',
      'labels pass command',
    ]);
    expect(checks.filter(({ fix }) => fix !== null)).toEqual([]);
  });

  it('prints a line for each check, and what helps below it', async () => {
    fixture.aws.inspection.account.alarms = [];

    const { code, out } = await fixture.run(['doctor', 'orders']);

    expect(code).toBe(0);
    expect(out).toMatch(
      /^orders: 0 fail, 1 warning, 2 unknown, 20 pass\. Checked from this machine, unless a line says otherwise\.\n {2}pass {7}identity: AWS knows/,
    );
    expect(out).toContain(
      '  warning    alarms: No alarm watches the function.\n             Give the stack a topic for its alarms (docs/configuration.md#monitoring).\n',
    );
    expect(out).toContain(' (seen by the function)');
  });

  it('checks only the identity without a secret', async () => {
    const { code, document } = await fixture.runJson('doctor');

    expect(code).toBe(0);
    expect(document.checks).toEqual([
      { check: 'identity', status: 'pass', reason: expect.stringContaining(ACCOUNT), fix: null, madeBy: 'command' },
    ]);
    fixture.aws.inspection.failing.set('GetCallerIdentity', 'credentials-missing');
    expect((await fixture.run(['doctor'])).code).toBe(3);
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

  it('changes nothing', async () => {
    await fixture.run(['doctor', 'orders']);

    expect(fixture.cluster.passwordOf('app')).toBe(OLD_PASSWORD);
    expect(fixture.aws.calls.filter((call) => /^(put|promote|addLabel|removeLabel|RotateSecret)/.test(call))).toEqual(
      [],
    );
  });

  it('exits with 130 after Ctrl-C', async () => {
    fixture.interruption.abort();

    expect((await fixture.run(['doctor', 'orders'])).code).toBe(130);
  });
});

const { inspection, store } = { inspection: () => fixture.aws.inspection, store: () => orders.store };

/** The stories also prove that the fix helps. */
it.each([
  ['permissions: ask for an action', 'warning', 'do not allow secretsmanager:RotateSecret'],
  ['execution-role: deploy the secret', 'fail', 'do not allow secretsmanager:PutSecretValue'],
  ['keys: enable the key', 'fail', 'has the state Disabled'],
  ['keys: cancel the deletion', 'fail', 'has the state PendingDeletion'],
  ['keys: a key that does not exist', 'fail', 'does not exist'],
  ['keys: give the construct the key', 'warning', 'do not allow kms:GenerateDataKey'],
  ['keys: ask for kms:Decrypt', 'fail', 'does not decrypt the versions orders-v1'],
  ['own-password: rotate', 'unknown', 'No change of the password'],
  ['function: none', 'fail', 'has no rotation function'],
  ['function: gone', 'fail', 'does not exist'],
  ['function: other version', 'warning', 'This command has the version 1.2.3'],
  ['function: failed', 'fail', 'has the state Failed'],
  ['invoke-permission: none', 'fail', 'may not invoke'],
  ['invoke-permission: every account', 'warning', 'names no source account'],
  ['invoke-permission: another account', 'fail', 'for other accounts than 000000000000'],
  ['function-network: rotate once', 'unknown', 'has changed since then'],
  ['function-network: check the routes', 'unknown', 'is in the subnets subnet-1'],
  ['log-group: none', 'warning', 'does not exist'],
  ['log-group: keeps its lines for ever', 'warning', 'for ever'],
  ['alarms: none', 'warning', 'No alarm watches the function'],
  ['alarms: without an action', 'warning', 'tell nobody: errors'],
  ['alarms: raised', 'fail', 'raised: errors'],
  ['alarms: nobody has confirmed', 'warning', 'only unconfirmed subscriptions'],
  ['alarms: nobody is subscribed', 'warning', 'no subscription'],
  ['dns: another network', 'fail', 'has no address here (ENOTFOUND)'],
  ['tcp: a closed port', 'fail', '(ECONNREFUSED)'],
  ['tls: a private authority', 'fail', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['tls: a certificate that expires soon', 'warning', 'expires on 2026-03-06'],
  ['tls: an expired certificate', 'fail', 'has expired'],
  ['tls: another host', 'fail', 'for another host'],
  ['tls: a port without TLS', 'fail', '(EPROTO)'],
  ['tls: none', 'warning', 'is not encrypted'],
  ['allowed-host: the function refuses the host', 'fail', 'is not an allowed endpoint'],
  ['schedule: none', 'warning', 'has no schedule'],
  ['labels: few are free', 'warning', 'Few labels are free for the next rotations: 2'],
])('the check "%s" is a %s: %s', async (name, status, reason) => {
  const results = await checksIn(DOCTOR_STORIES[name]);

  const result = results.find((each) => each.status === status && name.startsWith(each.check));
  expect(result?.reason).toContain(reason);
  expect(result?.fix).toEqual(expect.any(String));
});

it.each([
  ['secret', 'fail', 'marked-for-deletion', 'marked for deletion'],
  ['document', 'fail', 'unusable-secret', 'not a usable credential'],
  ['allowed-host', 'fail', 'undecided: the host is not allowed', 'not allowed here'],
  ['login', 'fail', 'none-in-force: an admin sets a new password', 'rejects every stored password'],
  ['login', 'fail', 'current-not-in-force', 'not in AWSCURRENT'],
  ['schedule', 'fail', 'overdue', 'date of the next rotation has passed'],
  ['schedule', 'fail', 'rotation-cancelled', 'Nothing will complete that rotation'],
  ['schedule', 'warning', 'rotation-incomplete', 'AWSPENDING is on version token-1'],
  ['schedule', 'warning', 'rotation-off: never configured', 'Rotation was never configured'],
])('the check %s is a %s because of the finding "%s": %s', async (name, status, finding, reason) => {
  const results = await checksIn(STATUS_STORIES[finding]);

  const result = results.find((each) => each.status === status && each.check === name);
  expect(result?.reason).toContain(reason);
  expect(result?.fix).toEqual(expect.any(String));
});

/** The checks before the person follows the advice. */
async function checksIn({ make = ordersWorld, cause, command }: Story = { command: '' }): Promise<readonly Check[]> {
  const world = await make();
  await cause?.(world);
  const [, secret = '', ...options] = command.split(' ');
  return (await world.runJson('doctor', secret, ...options)).document.checks;
}

describe('the check of the secret', () => {
  it('counts a single version', async () => {
    expect(await check('secret')).toMatchObject([{ reason: 'orders exists, and has 1 version with a label.' }]);
  });
});

describe('a check that AWS refuses', () => {
  it.each([
    ['GetFunctionConfiguration', ['function', 'execution-role', 'function-network', 'log-group']],
    ['GetPolicy', ['invoke-permission']],
    ['SimulatePrincipalPolicy', ['permissions', 'execution-role']],
    ['DescribeLogGroups', ['log-group']],
    ['DescribeAlarms', ['alarms']],
    ['ListSubscriptionsByTopic', ['alarms']],
  ] as const)('because of %s is unknown, and no other check fails', async (action, names) => {
    logRotation();
    inspection().failing.set(action, 'access-denied');

    const { code, checks } = await checksOf();

    expect(code).toBe(0);
    expect([...new Set(checks.filter(({ status }) => status === 'unknown').map((result) => result.check))]).toEqual(
      names,
    );
  });
});

describe('the permissions of the root user', () => {
  it('are not simulated, because IAM has no policy of the root user', async () => {
    const root = { arn: `arn:aws:iam::${ACCOUNT}:root`, account: ACCOUNT };
    inspection().callerIdentity = async () => root;
    inspection().account.denied.add('secretsmanager:RotateSecret');

    expect(await check('permissions')).toMatchObject([{ status: 'pass' }]);
  });
});

describe('rotation that is off on purpose', () => {
  it('is no warning, also without a function, until AWSPENDING is left behind', async () => {
    store().rotationEnabled = false;
    store().tags['zilliz:rotation'] = 'off';
    expect(await check('schedule')).toMatchObject([
      { status: 'pass', reason: 'Rotation is off on purpose: the secret has the tag zilliz:rotation=off.' },
    ]);
    orders.rotationFunctionArn = undefined;
    expect(await check('function')).toMatchObject([{ status: 'pass', reason: expect.stringContaining('on purpose') }]);

    await store().put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels: [AWSPENDING] });
    expect(await check('schedule')).toMatchObject([{ status: 'fail' }]);
  });
});

describe('the checks of a function that does not exist', () => {
  it.each(['invoke-permission', 'own-password', 'function-network', 'log-group'])(
    '%s is unknown and advises nothing',
    async (name) => {
      inspection().account.rotationFunction = undefined;
      inspection().account.policy = [];
      orders.logError = 'not-found';

      expect(await check(name)).toMatchObject([
        { status: 'unknown', fix: null, reason: expect.stringContaining('the function was not read') },
      ]);
    },
  );

  it('use what its log still tells', async () => {
    inspection().account.rotationFunction = undefined;
    logRotation();

    expect(await check('own-password')).toMatchObject([{ status: 'pass', madeBy: 'function' }]);
  });
});

describe('a log that AWS denies', () => {
  it('is no proof that the function has changed no password, and none that it has not logged in', async () => {
    orders.logError = 'access-denied';

    expect(await check('own-password')).toMatchObject([
      { status: 'unknown', reason: expect.stringContaining('AWS denies FilterLogEvents') },
    ]);
    expect(await check('function-network')).toMatchObject([
      { status: 'unknown', reason: expect.stringContaining('Its log was not read.'), madeBy: 'function' },
    ]);
  });
});

describe('the check of other secrets', () => {
  it('says which secrets it does not compare, such as one without rotation and tag', async () => {
    fixture.aws.add('copy', documentOf(OLD_PASSWORD), { rotationFunctionArn: undefined });

    const [result] = await check('other-secrets');

    expect(result).toMatchObject({ status: 'pass', fix: null });
    expect(result?.reason).toBe(
      'No other secret that a function of this product rotates, and none with the tag zilliz:endpoint, holds app. Other secrets were not read. init --discover compares them.',
    );
  });

  it('says of no check that it changed nothing, because doctor only reads', async () => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));

    expect((await fixture.run(['doctor', 'orders'])).out).not.toContain('Nothing was changed');
    expect((await fixture.run(['rotate', 'orders'])).out).toContain('Nothing was changed');
  });

  it('fails if another secret has the same user, and is unknown if secrets cannot be listed', async () => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    expect(await check('other-secrets')).toMatchObject([
      { status: 'fail', reason: expect.stringContaining('orders and copy hold the same user') },
    ]);
    fixture.aws.failing.set('ListSecrets', 'access-denied');
    expect(await check('other-secrets')).toMatchObject([{ status: 'unknown' }]);
  });
});
