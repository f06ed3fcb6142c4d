import { beforeEach, describe, expect, it } from 'vitest';
import { findSharedUsers } from '../../cli/examine/users-of-secret.ts';
import { explainedAt } from '../../cli/select/search.ts';
import { OFF_ON_PURPOSE, ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { awsErrorOf } from '../support/aws-errors.ts';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';
import { documentOf, ENDPOINT, OLD_PASSWORD } from './support/rotations.ts';

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

it.each([
  ['--profiles', 'prod,test', ['--profile prod', '--profile test']],
  ['--regions', 'us-east-1,us-west-2', ['--region us-east-1', '--region us-west-2']],
  [
    '--accounts',
    '111122223333,000000000000',
    ['--profile PROFILE-OF-111122223333', '--profile PROFILE-OF-000000000000'],
  ],
])(
  'each command that status and rotate advise after a search of several %s names its place',
  async (option, list, expected) => {
    orders.store.rotationEnabled = false;
    orders.store.tags[OFF_ON_PURPOSE.key] = OFF_ON_PURPOSE.value;
    const search = ['--all', option, list, ...(option === '--accounts' ? ['--role', 'reader'] : [])];

    const status = await fixture.runJson('status', ...search);
    const { document } = await fixture.runJson('rotate', '--yes', ...search);

    for (const [index, place] of expected.entries()) {
      const { advice } = status.document.secrets[index].findings[0];
      expect(advice).toContain(`\`zilliz-rotation status orders ${place}\``);
      expect(advice).toMatch(new RegExp(`\`aws secretsmanager [^\`]* ${place}\``));
      expect(document.plan.leftOut[index].advice).toContain(`\`zilliz-rotation status orders ${place}\``);
    }

    orders.store.rotationEnabled = true;
    orders.rotate = { kind: 'refused', reason: 'not-invocable', answer: 'no' };
    // The places of this test have one secret, so the last place counts.
    const started = await fixture.runJson('rotate', '--yes', ...search);
    const { advice } = started.document.secrets[0].error;
    expect(advice).toContain(`\`zilliz-rotation status orders ${expected.at(-1)}\``);
  },
);

it('the command that continues after too many failures keeps the regions of the search', async () => {
  fixture.awsAt = () => fixture.aws;
  orders.rotate = { kind: 'refused', reason: 'not-invocable', answer: 'no' };
  for (const name of ['second', 'third']) {
    Object.assign(fixture.aws.add(name, documentOf(OLD_PASSWORD, { username: name })), { rotate: orders.rotate });
  }
  const search = ['--all', '--regions', 'us-east-1'];

  const { document } = await fixture.runJson('rotate', '--yes', '--concurrency', '1', '--max-failures', '0', ...search);

  const { code, advice } = document.secrets[1].error;
  expect(code).toBe('stopped');
  expect(advice).toContain(`\`${document.again}\``);
});

it('a message of the function that advises a command names the place too', () => {
  const explanation = { code: 'rotation-failed', message: 'Run `aws secretsmanager tag-resource`.', advice: '' };
  const { message } = explainedAt(explanation, { region: undefined, profile: 'test' });
  expect(message).toBe('Run `aws secretsmanager tag-resource --profile test`.');
});

it('two secrets of one name with one user are named by their ARNs, without a command that finds only one', () => {
  const here = { ...orders, endpoint: ENDPOINT, usernames: ['app'] };
  const there = { ...here, arn: orders.arn.replace('us-east-1', 'eu-west-1') };

  const { message = '', advice = '' } = findSharedUsers([here, there])(here) ?? {};

  expect(message).toContain(`${here.arn} and ${there.arn} hold`);
  expect(advice).not.toContain('`');
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
    expect(await fixture.fail('status', '--all', '--region', 'eu-west-1')).toBe('5 access-denied');

    orders.store.lastRotatedAt = fixture.clock.now();
    expect(await fixture.fail('rotate', '--yes', '--older-than', '1d', ...SEARCH)).toBe('5 nothing-to-rotate');
  });
});
