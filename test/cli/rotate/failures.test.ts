import { expect, it } from 'vitest';
import { ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';
import { fixture, orders, rotateOrders } from '../support/orders-fixture.ts';
import { beforeLogin } from '../support/repair-fixture.ts';
import {
  answerRotateSecret,
  beside,
  type Case,
  error,
  failAws,
  pressCtrlC,
  setPassword,
  testCases,
} from '../support/rotate-cases.ts';
import {
  attemptAndFail,
  attemptSuccessfully,
  documentOf,
  FORBIDDEN,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
  UNREACHABLE,
} from '../support/rotations.ts';

const UNKNOWN = 'SECRETS_MANAGER_UNAVAILABLE';

/** A step fails, and the cluster may have the new password. */
function failUnknown(password: string, accepted = 'not known'): void {
  orders.rotate = (rotation) => {
    attemptAndFail(rotation, { ...UNREACHABLE, code: UNKNOWN, accepted, advice: 'If it failed briefly, do nothing.' });
    rotation.at(300, setPassword(password));
  };
}

const within = (limitMs: number): object => ({ durationMs: expect.toSatisfy((ms: number) => ms < limitMs) });

const advises = (text: string): object => ({ advice: expect.stringContaining(text) });

const CASES: readonly Case[] = [
  [
    'a retry comes after more than a minute',
    3,
    () => {
      orders.rotate = (rotation) => {
        attemptAndFail(rotation, UNREACHABLE);
        attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), 90_000);
      };
    },
    { ...error('CLUSTER_UNREACHABLE', { step: 'setSecret', retryable: true, inForce: 'current' }), ...within(75_000) },
  ],
  [
    'a person stores another value after the end',
    3,
    // The rotation ends after 3.7 seconds. The command reads after 3.3 and 5.2.
    beside([4000, () => orders.store.storeByHand('by-hand', documentOf(OLD_PASSWORD))]),
    error('abandoned'),
  ],
  [
    'AWSPENDING is removed after a failure',
    3,
    () => {
      orders.rotate = (rotation) =>
        rotation.at(1000, () => {
          rotation.log('step-failed', 'setSecret', { failure: FORBIDDEN });
          orders.store.removePendingByHand();
        });
    },
    { ...error('CHANGE_FORBIDDEN', advises('needs no repair')), ...within(4000) },
  ],
  [
    'the cluster rejects AWSCURRENT after a failure',
    3,
    () => failUnknown(NEW_PASSWORD),
    error('current-not-in-force', {
      ...{ step: 'setSecret', inForce: 'not known', ...advises('`zilliz-rotation repair orders`') },
      message: expect.stringMatching(/^https:.* rejects AWSCURRENT .*SECRETS_MANAGER_UNAVAILABLE/),
    }),
  ],
  [
    'one proxy rejects AWSCURRENT once after a failure',
    3,
    () => {
      failUnknown(NEW_PASSWORD);
      // The first login is that before the start.
      beforeLogin(fixture, 3, setPassword(OLD_PASSWORD), 'app');
    },
    error(UNKNOWN),
  ],
  [
    'the cluster accepts AWSCURRENT after a failure',
    3,
    () => failUnknown(OLD_PASSWORD),
    error(UNKNOWN, advises('do nothing')),
  ],
  [
    'the function knows that no stored password is accepted',
    3,
    () => failUnknown('Unknown-1', 'none of the stored'),
    error(UNKNOWN, advises('do nothing')),
  ],
  [
    'an earlier rotation failed, and no attempt is newer',
    5,
    async () => {
      await rotateOrders('fails');
      fixture.clock.advance(180_000);
    },
    { ...error('previous-incomplete', advises('`zilliz-rotation repair orders`')), ...within(15_000) },
  ],
  [
    'an earlier rotation stopped before it logged a step',
    5,
    () => orders.store.startRotation('stuck-version'),
    { ...error('previous-incomplete', { message: expect.stringContaining('stuck-version') }), ...within(15_000) },
  ],
  [
    'the rotation still runs at the time limit',
    4,
    () => {
      orders.rotate = (rotation) => rotation.at(100, () => rotation.log('step-started', 'createSecret'));
    },
    error('timed-out', { message: expect.stringContaining('createSecret started'), ...advises('status orders`') }),
  ],
  [
    'the AWS credentials expire',
    4,
    beside([1000, failAws('DescribeSecret', 'credentials-expired')]),
    error('credentials-expired'),
  ],
  [
    'the secret is deleted right before RotateSecret',
    5,
    () =>
      answerRotateSecret(async (_, secretId) => {
        fixture.aws.secrets.delete(secretId);
        return { kind: 'refused', reason: 'not-invocable', answer: '' };
      }),
    error('not-found', { message: expect.stringContaining('DescribeSecret') }),
  ],
  [
    'the secret is marked for deletion right before RotateSecret',
    5,
    () =>
      answerRotateSecret(async () => {
        orders.deletedAt = fixture.clock.now();
        return { kind: 'refused', reason: 'other', answer: '' };
      }),
    error('marked-for-deletion', advises('restore-secret')),
  ],
  ['RotateSecret gives no answer', 5, failAws('RotateSecret', 'unreachable'), error('unreachable')],
  [
    'AWS throttles RotateSecret for ten minutes',
    5,
    () =>
      answerRotateSecret(async () => {
        throw awsErrorOf('throttled', 'RotateSecret');
      }),
    { ...error('throttled'), durationMs: expect.toSatisfy((ms: number) => ms >= 600_000) },
  ],
  ['the cluster rejects the new password', 6, beside([3000, setPassword('Other-1')]), error('login-rejected')],
  [
    'Ctrl-C comes while the rotation runs',
    130,
    beside([1200, pressCtrlC]),
    error('interrupted', advises('`zilliz-rotation status orders`')),
  ],
  // The command reads the labels after 3.3 and 5.2 seconds, and at Ctrl-C.
  ['Ctrl-C comes after AWSCURRENT has moved', 130, beside([4000, pressCtrlC]), error('interrupted')],
  [
    'Ctrl-C comes while the cluster does not answer the last login',
    130,
    () => {
      fixture.cluster.authenticates = async ({ endpoint }) => {
        if (fixture.aws.started.length > 0) {
          pressCtrlC();
        }
        throw new ClusterUnavailableError('no-answer', endpoint, 'gRPC 4: Deadline exceeded');
      };
    },
    error('interrupted'),
  ],
];

testCases(CASES, (line) => {
  it('starts nothing after Ctrl-C', async () => {
    pressCtrlC();

    expect((await fixture.run(line)).code).toBe(130);
    expect(fixture.aws.started).toEqual([]);
  });

  it('sends no login if the new version names another host, which leads to 7', async () => {
    const endpoint = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
    orders.rotate = successfulRotation(fixture.cluster, documentOf(NEW_PASSWORD, { endpoint }));
    const { authenticates } = fixture.cluster;
    const hosts = new Set<string>();
    fixture.cluster.authenticates = async (credentials) => {
      hosts.add(credentials.endpoint.url);
      return await authenticates.call(fixture.cluster, credentials);
    };

    expect(await fixture.fail(...line)).toBe('7 other-user');
    expect([...hosts]).not.toContain(endpoint);
  });
});
