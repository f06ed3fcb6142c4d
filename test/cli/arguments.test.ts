import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';
import { OLD_PASSWORD } from './support/rotations.ts';

useOrders();

describe('the arguments of the command', () => {
  it.each([
    '',
    'turn orders',
    'init',
    'init orders --username 1',
    'init orders --strategy two',
    'init orders --strategy alternating-users --username app',
    'init orders --role reader',
    'init orders --strategy api-key --username app',
    'init orders --manager-secret manager --username app',
    'init orders --manager-secret manager --strategy single-user',
    'init orders --manager-secret manager --control-plane-url http://api.example.com',
    'init orders --strategy alternating-users --users app,app_b --api-key-id key-1',
    'init orders --admin-secret orders',
    'init orders --admin-secret admin --transport rest',
    'rotate',
    'rotate orders --both-users --revoke-previous',
    'rotate orders --timeout 90',
    'rotate --all --max-failures few',
    'rotate --all --max-failures 101%',
    'status',
    'status orders --all',
    'init orders --users app',
    'init orders --users app,app_b --username app',
    'init orders --users a,a',
    'init orders --users a,b,c',
    'status orders --transport http',
    'status orders --allow-endpoint https://a',
    'status orders --allow-endpoint milvus.example.com:19530',
    'status orders --allow-endpoint *.example.com',
    'status orders --ca-file none.pem',
    'status orders --ca-file empty.pem',
    'status arn:aws:secretsmanager:us-east-1:000000000000:secret:orders-AbCdEf --region eu-west-1',
    'status --tag =search',
    'status --all --regions us-east-1,,eu-west-1',
    'status --all --region us-east-1 --regions us-east-1',
    'status --all --accounts 11112222333,111122223333 --role reader',
    'status --all --accounts 111122223333',
    'status --all --role reader',
    'status --all --accounts 111122223333 --role arn:aws:iam::111122223333:role/reader',
    'rotate orders --accounts 111122223333 --role reader',
    'rotate orders --regions us-east-1',
    'repair',
    'repair orders --admin-secret orders',
    'repair orders --admin-secret admin --transport rest',
    'repair orders --like key-1',
    'repair orders --admin-secret admin --version v1',
    'repair orders --manager --like key-1 --version v1',
    'doctor',
    'doctor orders --refresh-interval 60',
    'status orders --prefix sea',
    'status orders --older-than 1d',
    'rotate orders --tag team',
    'init orders --strategy single-user --users app,app_b',
    'history orders --since yesterday',
    'history orders --since 2026-02-31',
    'history orders --since 2026-02-31T12:00Z',
    'history orders --since 2026-02-02 --until 2026-02-01',
    'history orders --until 2026-01-01T12:00',
    'report orders --format pdf',
    'verify',
    'verify --manager',
    'verify --like key-1',
    'verify --admin-secret admin --users app_a,app_b',
    'verify --admin-secret admin --transport rest',
    'verify --admin-secret admin --function zilliz-rotation',
    'verify --clean --users app_a,app_b',
  ])('exit with 2 before any call of AWS if they are wrong: %s', async (line) => {
    fixture.files.set('empty.pem', '');

    const { code, out, err } = await fixture.run(line.split(' ').filter(Boolean));

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
    expect(fixture.aws.calls).toEqual([]);
  });

  it.each([
    ['init', 'orders', '--api-key-id', 'key TYPED-SECRET'],
    ['init', 'orders', '--username', 'TYPED-SECRET!'],
    ['init', 'orders', '--users', 'app,TYPED-SECRET!'],
    ['init', 'orders', '--password=TYPED-SECRET'],
    ['init', 'orders', '-pTYPED-SECRET'],
    ['init', 'orders', 'TYPED-SECRET', '.TYPED-SECRET\n'],
  ])('never print what may be a secret: %j', async (...args) => {
    for (const line of [args, [...args, '--json']]) {
      const { code, out, err } = await fixture.run(line);
      expect(code).toBe(2);
      expect(`${out}${err}`).not.toContain('TYPED-SECRET');
    }
  });

  it.each([
    'status orders --json --tag =x',
    'status --json',
    'status orders --json --wrong',
    'rotate orders --json --timeout never',
    'repair --json',
    'init orders --json --users a',
    'history orders --json --since yesterday',
    'report orders --json --output report.json',
    'doctor orders --json --region eu-west-1 --region',
    'verify --clean --json',
  ])('are explained in a JSON document with --json: %s', async (line) => {
    const { code, out } = await fixture.run(line.split(' '));

    const document = JSON.parse(out);
    expect([code, document.command, document.exitCode]).toEqual([2, line.split(' ')[0], 2]);
    expect(document.error).toMatchObject({ code: 'usage', message: expect.any(String), advice: expect.any(String) });
  });

  it('connects with the given profile, region and private CA, and in the region of an ARN', async () => {
    fixture.files.set('ca.pem', '-----BEGIN CERTIFICATE-----');

    await fixture.run(['rotate', 'orders', '--profile', 'ops', '--region', 'us-west-2', '--ca-file', 'ca.pem']);
    await fixture.run(['rotate', orders.arn]);

    expect(fixture.connections).toEqual([
      { region: 'us-west-2', profile: 'ops' },
      { region: 'us-east-1', profile: undefined },
    ]);
    expect(fixture.clusterConnections.map(({ privateCa }) => privateCa)).toEqual([
      '-----BEGIN CERTIFICATE-----',
      undefined,
    ]);
  });

  it('exits with 1 after a fault of the command, and does not print the message of the error', async () => {
    fixture.aws.rotation.describeSecret = async () => {
      throw new TypeError(`Unexpected token in ${OLD_PASSWORD}`);
    };

    const { code, err } = await fixture.run(['history', 'orders']);

    expect(code).toBe(1);
    expect(err).toContain('unexpected TypeError');
    expect(err).not.toContain(OLD_PASSWORD);
  });
});
