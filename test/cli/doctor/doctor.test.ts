import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING } from '../../../secret/versions.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const ACCOUNT = '000000000000';
const DAY = 86_400_000;

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

const { inspection, probe, store } = {
  inspection: () => fixture.aws.inspection,
  probe: () => fixture.networkProbe.answers,
  store: () => orders.store,
};

describe.each<[name: string, status: string, reason: string, fix: string, arrange: () => void, options?: string[]]>([
  [
    'permissions',
    'warning',
    'do not allow secretsmanager:RotateSecret',
    'docs/cli.md',
    () => inspection().account.denied.add('secretsmanager:RotateSecret'),
  ],
  [
    'secret',
    'fail',
    'marked for deletion',
    'restore-secret',
    () => {
      orders.deletedAt = 1;
    },
  ],
  [
    'document',
    'fail',
    'not a usable credential',
    'Store a valid credential',
    () => {
      store().storeByHand('v2', 'garbage');
    },
  ],
  [
    'allowed-host',
    'fail',
    'not allowed here',
    '--allow-endpoint',
    () => undefined,
    ['--allow-endpoint', 'example.com'],
  ],
  [
    'dns',
    'fail',
    'has no address here (ENOTFOUND)',
    'network of the cluster',
    () => {
      probe().addresses = { kind: 'failed', code: 'ENOTFOUND' };
    },
  ],
  [
    'tcp',
    'fail',
    '(ECONNREFUSED)',
    'Check the host and the port',
    () => {
      probe().connection = { kind: 'failed', code: 'ECONNREFUSED' };
    },
  ],
  [
    'tls',
    'fail',
    'SELF_SIGNED_CERT_IN_CHAIN',
    '--ca-file PATH',
    () => {
      probe().certificate = { kind: 'failed', code: 'SELF_SIGNED_CERT_IN_CHAIN' };
    },
  ],
  [
    'tls',
    'fail',
    'has expired',
    'Renew',
    () => {
      probe().certificate = { kind: 'failed', code: 'CERT_HAS_EXPIRED' };
    },
  ],
  [
    'tls',
    'fail',
    'for another host',
    'Correct the host',
    () => {
      probe().certificate = { kind: 'failed', code: 'ERR_TLS_CERT_ALTNAME_INVALID' };
    },
  ],
  [
    'tls',
    'fail',
    '(EPROTO)',
    'speaks TLS',
    () => {
      probe().certificate = { kind: 'failed', code: 'EPROTO' };
    },
  ],
  [
    'tls',
    'warning',
    'expires on 2026-03-06',
    'Renew',
    () => {
      probe().certificate = { kind: 'done', value: { validTo: fixture.clock.now() + 5 * DAY, issuer: 'Example' } };
    },
  ],
  [
    'login',
    'fail',
    'rejects every stored password',
    'repair orders --admin-secret',
    () => {
      fixture.cluster.addUser('app', NEW_PASSWORD);
    },
  ],
  [
    'login',
    'fail',
    'not in AWSCURRENT',
    'zilliz-rotation repair orders',
    () => {
      store().storeByHand('v2', documentOf(NEW_PASSWORD));
    },
  ],
  ['own-password', 'unknown', 'No change of the password', 'zilliz-rotation rotate orders', () => undefined],
  [
    'function',
    'fail',
    'does not exist',
    'docs/operations.md',
    () => {
      inspection().account.rotationFunction = undefined;
    },
  ],
  [
    'function',
    'fail',
    'has no rotation function',
    'deploy it',
    () => {
      orders.rotationFunctionArn = undefined;
    },
  ],
  [
    'invoke-permission',
    'fail',
    'may not invoke',
    '--principal secretsmanager.amazonaws.com --source-account',
    () => {
      inspection().account.policy = [];
    },
  ],
  [
    'invoke-permission',
    'warning',
    'names no source account',
    'names the account',
    () => {
      inspection().account.policy = [
        { Effect: 'Allow', Principal: { Service: 'secretsmanager.amazonaws.com' }, Action: 'lambda:InvokeFunction' },
      ];
    },
  ],
  [
    'execution-role',
    'fail',
    'do not allow secretsmanager:PutSecretValue',
    'deploy the stack',
    () => inspection().account.denied.add('secretsmanager:PutSecretValue'),
  ],
  [
    'keys',
    'fail',
    'has the state PendingDeletion',
    'aws kms cancel-key-deletion',
    () => {
      orders.kmsKeyId = 'key-1';
      inspection().account.keyState = 'PendingDeletion';
    },
  ],
  [
    'keys',
    'fail',
    'has the state Disabled',
    'aws kms enable-key',
    () => {
      orders.kmsKeyId = 'key-1';
      inspection().account.keyState = 'Disabled';
    },
  ],
  [
    'keys',
    'warning',
    'do not allow kms:Decrypt',
    'encryptionKey',
    () => {
      orders.kmsKeyId = 'key-1';
      inspection().account.denied.add('kms:Decrypt');
    },
  ],
  [
    'schedule',
    'fail',
    'date of the next rotation has passed',
    'zilliz-rotation rotate orders',
    () => {
      orders.nextRotationAt = 1;
    },
  ],
  [
    'schedule',
    'warning',
    'Rotation is off',
    'deploy',
    () => {
      store().rotationEnabled = false;
    },
  ],
  [
    'schedule',
    'warning',
    'has no schedule',
    'Set a schedule',
    () => {
      orders.schedule = undefined;
    },
  ],
  [
    'log-group',
    'warning',
    'does not exist',
    'Deploy',
    () => {
      inspection().account.logGroup = undefined;
    },
  ],
  [
    'log-group',
    'warning',
    'for ever',
    'put-retention-policy',
    () => {
      inspection().account.logGroup = { retentionDays: undefined };
    },
  ],
  [
    'alarms',
    'warning',
    'tell nobody: errors',
    'topic',
    () => {
      inspection().account.alarms = [
        { name: 'errors', state: 'OK', actionsEnabled: false, actions: ['arn:aws:sns:us-east-1:1:alarms'] },
      ];
    },
  ],
  [
    'alarms',
    'fail',
    'raised: errors',
    'docs/operations.md',
    () => {
      inspection().account.alarms = [
        { name: 'errors', state: 'ALARM', actionsEnabled: true, actions: ['arn:aws:sns:us-east-1:1:alarms'] },
      ];
    },
  ],
  [
    'alarms',
    'warning',
    'only unconfirmed subscriptions',
    'aws sns subscribe',
    () => {
      inspection().account.subscriptions = { confirmed: 0, pending: 1 };
    },
  ],
])('the check %s', (name, status, reason, fix, arrange, options = []) => {
  it(`is "${status}" with "${reason}"`, async () => {
    arrange();

    const results = await check(name, ...options);

    const result = results.find((each) => each.status === status);
    expect(result?.reason).toContain(reason);
    expect(result?.fix).toContain(fix);
  });
});

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

describe('the network of the function', () => {
  it('is proven by a login of the function after its last change', async () => {
    logRotation();
    const deployed = inspection().account.rotationFunction;
    if (deployed !== undefined) {
      inspection().account.rotationFunction = { ...deployed, lastModified: '2026-02-25T00:00:00.000+0000' };
    }

    expect(await check('function-network')).toMatchObject([
      { status: 'unknown', reason: expect.stringContaining('has changed since then'), madeBy: 'function' },
    ]);
  });

  it('names the subnets of a function whose login nobody has seen', async () => {
    const deployed = inspection().account.rotationFunction;
    if (deployed !== undefined) {
      inspection().account.rotationFunction = { ...deployed, subnetIds: ['subnet-1', 'subnet-2'] };
    }

    expect(await check('function-network')).toMatchObject([
      { status: 'unknown', fix: expect.stringContaining('Values=subnet-1,subnet-2') },
    ]);
  });
});

describe('a pending version', () => {
  it('is a warning about the schedule while a rotation waits', async () => {
    store().startRotation('token-1');
    await store().put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels: [AWSPENDING] });

    expect(await check('schedule')).toMatchObject([{ status: 'warning', reason: expect.stringContaining(AWSPENDING) }]);
    expect(await check('login')).toMatchObject([{ status: 'pass', reason: expect.stringContaining(AWSCURRENT) }]);
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
      { status: 'unknown', reason: expect.stringContaining('Its log was not read.') },
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
