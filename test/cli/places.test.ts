import { beforeEach, describe, expect, it } from 'vitest';
import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { awsErrorOf } from '../support/aws-errors.ts';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';

useOrders();

/** The region `eu-west-1` and the account 444455556666 may not list secrets. */
beforeEach(() => {
  fixture.aws.environment[ROTATED_SECRETS] = '*';
  const listSecrets = () => Promise.reject(awsErrorOf('access-denied', 'ListSecrets'));
  const closed = { ...fixture.aws, rotation: { ...fixture.aws.rotation, listSecrets } };
  fixture.awsAt = ({ region, profile, role }) =>
    region === 'eu-west-1' || role?.account === '444455556666' || profile === 'staging' ? closed : fixture.aws;
});

const SEARCH = ['--all', '--regions', 'eu-west-1,us-east-1'];
const UNSEARCHED = { place: 'eu-west-1', code: 'access-denied', message: expect.stringContaining('ListSecrets') };

it('status tells secrets with one name apart by their ARNs', async () => {
  fixture.awsAt = () => fixture.aws;

  const { out } = await fixture.run(['status', ...SEARCH]);

  expect(out.split(`\n${orders.arn}: `)).toHaveLength(3);
  expect((await fixture.run(['status', '--all'])).out).toMatch(/^orders: /);
});

describe('a region that cannot be searched', () => {
  it('does not hide the secrets of the others from status', async () => {
    const { code, document } = await fixture.runJson('status', ...SEARCH);

    expect(code).toBe(5);
    expect(document.secrets).toMatchObject([{ arn: orders.arn, error: null, findings: [] }]);
    expect(document.unsearched).toMatchObject([UNSEARCHED]);
    const { out } = await fixture.run(['status', ...SEARCH]);
    expect(out).toMatch(/^eu-west-1: .*\(access-denied\)\n {2}message .*ListSecrets/m);
  });

  it('does not stop the rotations of the others, and is in the plan', async () => {
    const { code, document } = await fixture.runJson('rotate', '--yes', ...SEARCH);

    expect(code).toBe(5);
    expect(document.secrets).toMatchObject([{ secret: orders.arn, outcome: 'rotated' }]);
    expect(document.plan.unsearched).toMatchObject([UNSEARCHED]);
    const { out } = await fixture.run(['rotate', ...SEARCH]);
    expect(out).toContain('unsearched eu-west-1 (access-denied)');
  });

  it.each([
    ['account 444455556666', '--regions us-east-1 --accounts 111122223333,444455556666 --role reader'],
    ['profile staging', '--region us-east-1 --profiles prod,staging'],
  ])('is named by its %s', async (place, options) => {
    const { code, document } = await fixture.runJson('status', '--all', ...options.split(' '));

    expect([code, document.secrets.length]).toEqual([5, 1]);
    expect(document.unsearched).toMatchObject([{ place: `${place}, us-east-1`, code: 'access-denied' }]);
  });

  it('ends the command if it is the only one, or if it hides that every secret has rotated', async () => {
    const alone = await fixture.runJson('status', '--all', '--region', 'eu-west-1');
    expect([alone.code, alone.document.error.code]).toEqual([5, 'access-denied']);

    orders.store.lastRotatedAt = fixture.clock.now();
    const { code, document } = await fixture.runJson('rotate', '--yes', '--older-than', '1d', ...SEARCH);
    expect([code, document.error.code]).toEqual([5, 'nothing-to-rotate']);
  });
});
