import { beforeEach, describe, expect, it, vi } from 'vitest';
import { adviceLines, printable } from '../../cli/terminal/text.ts';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';
import { addAdmin } from './support/repair-fixture.ts';
import { HOST } from './support/rotations.ts';

useOrders();

const EVIL = 'a\u001b[2Jb\u009b1mc\u202ed';
const ESCAPED = 'a\\u001b[2Jb\\u009b1mc\\u202ed';

/** What could move the cursor of a terminal, or reverse the order of characters. */
function controls(text: string): string[] {
  return text.match(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu) ?? [];
}

describe('printed values', () => {
  it('show control characters as escapes, and line breaks as spaces', () => {
    expect(printable(EVIL)).toBe(ESCAPED);
    expect(printable('one\r\n\ttwo')).toBe('one two');
  });

  it('show each sentence of an advice in its own line, but split no command and no number', () => {
    expect(adviceLines('advice', 'If A, run `b 1.5 --c .d`. Otherwise wait.')).toEqual([
      ['advice', 'If A, run `b 1.5 --c .d`.'],
      ['', 'Otherwise wait.'],
    ]);
  });

  it.each([[[]], [['--json']]])('are escaped in every command with %j', async (more) => {
    fixture.cluster.setByHand('app', 'Unknown!1');
    addAdmin(fixture);
    fixture.cluster.superUsers = [];
    fixture.adminCluster.roles.set('app', [EVIL]);
    fixture.cluster.roles = { app: [EVIL] };
    const targets = JSON.stringify({ orders: { username: EVIL, endpoint: EVIL } });
    fixture.aws.environment['SECRET_TARGETS'] = targets;
    Object.assign(orders, { rotate: { kind: 'refused', reason: 'other', answer: EVIL }, schedule: EVIL });
    const admin = ['--admin-secret', 'zilliz-admin'];

    for (const args of [
      ['status', 'orders', EVIL],
      ['rotate', 'orders', EVIL],
      ['doctor', 'orders'],
      ['doctor', EVIL],
      ['repair', EVIL, '--yes'],
      ['repair', 'orders', '--yes', ...admin],
      ['init', EVIL, '--username', 'app'],
    ]) {
      await fixture.run([...args, ...more]);
      await fixture.run([...args, ...more], { answer: 'yes' });
    }
    await fixture.run(['rotate', 'orders', '--concurrency', EVIL]);
    await fixture.run(['repair', 'orders', '--ca-file', EVIL]);

    expect(controls(fixture.printed.out)).toEqual([]);
    expect(controls(fixture.printed.err)).toEqual([]);
    expect(fixture.printed.out).toContain('u001b[2Jb\\u009b1mc\\u202ed');
  });
});

describe('an advised command', () => {
  /** The rotation of the secret is overdue. */
  beforeEach(() => {
    fixture.files.set('my ca.pem', '-----BEGIN CERTIFICATE-----');
    orders.nextRotationAt = 1;
  });

  it.each([
    ['can be pasted if npx started the command', 'npx', '', '`npx --no-install zilliz-rotation rotate orders`'],
    ['can be pasted if a shell did', 'test', '', '`zilliz-rotation rotate orders`'],
    ['repeats no password', '', 'https://root:Own!Pass1@cluster.example:19530', '`zilliz-rotation rotate orders`'],
    ['repeats no token', '', 'https://cluster.example/Own!Pass1', '`zilliz-rotation rotate orders`'],
  ])('%s', async (_, event, endpoint, advised) => {
    vi.stubEnv('npm_lifecycle_event', event);

    const { out } = await fixture.run(['status', 'orders', '--endpoint', endpoint]);

    expect(out).toContain(advised);
    expect(out).not.toContain('Own!Pass1');
  });

  it('after credentials that have expired signs in with the same profile', async () => {
    fixture.aws.failing.set('DescribeSecret', 'credentials-expired');

    const { err } = await fixture.run(['history', 'orders', '--profile', 'prod 1']);

    expect(err).toContain("`aws sso login --profile 'prod 1'`");
  });

  it('repeats the options that lead to its secret and cluster, but not the environment', async () => {
    vi.stubEnv('ALLOWED_ENDPOINTS', HOST);
    const options = ['--profile', 'a"b', '--allow-plaintext', '--ca-file', 'my ca.pem'];

    const { document } = await fixture.runJson('status', orders.arn, ...options);

    const place = `--profile 'a"b' --region us-east-1 --allow-plaintext --ca-file 'my ca.pem'`;
    expect(document.secrets[0].findings[0].advice).toContain(`\`zilliz-rotation rotate orders ${place}\``);
  });

  it('with --admin-secret does not repeat --transport rest, which the command refuses', async () => {
    fixture.cluster.setByHand('app', 'Unknown!1');

    const { out } = await fixture.run(['status', 'orders', '--transport', 'rest', '--profile', 'rest']);

    expect(out).toContain('`zilliz-rotation init orders --profile rest --transport rest`');
    expect(out).toContain('`zilliz-rotation repair orders --admin-secret ADMIN-SECRET --profile rest`');
  });
});
