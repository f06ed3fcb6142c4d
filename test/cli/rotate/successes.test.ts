import { expect, it } from 'vitest';
import type { RotationStart } from '../../../cli/aws/aws.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';
import { fixture, orders } from '../support/orders-fixture.ts';
import { beforeLogin } from '../support/repair-fixture.ts';
import {
  answerRotateSecret,
  beside,
  type Case,
  error,
  failAws,
  pressCtrlC,
  ROTATED,
  setPassword,
  testCases,
} from '../support/rotate-cases.ts';
import {
  attemptAndFail,
  attemptSuccessfully,
  documentOf,
  NEW_PASSWORD,
  OLD_PASSWORD,
  UNREACHABLE,
} from '../support/rotations.ts';

const INCOMPLETE: RotationStart = { kind: 'refused', reason: 'previous-incomplete', answer: 'A previous rotation…' };

/** The first attempt fails, and a retry succeeds. */
function retryAfter(milliseconds: number): void {
  orders.rotate = (rotation) => {
    attemptAndFail(rotation, UNREACHABLE);
    attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), milliseconds);
  };
}

/** AWS starts the rotation at the first request, does not say so, and shows the rotation late. */
async function startSilently(first: 'throttled' | 'unreachable' | RotationStart): Promise<void> {
  const { describeSecret } = fixture.aws.rotation;
  const before = await describeSecret('orders');
  const staleUntil = fixture.clock.now() + 4000;
  fixture.aws.rotation.describeSecret = async (secretId) =>
    secretId === 'orders' && fixture.clock.now() < staleUntil ? before : await describeSecret(secretId);
  let isFirst = true;
  answerRotateSecret(async (start, ...args) => {
    if (isFirst) {
      isFirst = false;
      await start(...args);
      if (typeof first === 'string') {
        throw awsErrorOf(first, 'RotateSecret');
      }
    }
    return INCOMPLETE;
  });
}

const CASES: readonly Case[] = [
  ['all is well', 0, () => undefined, ROTATED],
  ['a retry succeeds', 0, () => retryAfter(30_000), ROTATED],
  [
    'a proxy rejects the new password for some time',
    0,
    beside([1800, setPassword(OLD_PASSWORD)], [8000, setPassword(NEW_PASSWORD)]),
    ROTATED,
  ],
  [
    'AWS throttles the command while it follows',
    0,
    beside([500, failAws('DescribeSecret', 'throttled')], [6000, () => fixture.aws.failing.clear()]),
    ROTATED,
  ],
  [
    'a rotation runs already',
    0,
    () => fixture.aws.startBySchedule('orders', 'scheduled'),
    { ...ROTATED, versionId: 'scheduled' },
  ],
  [
    'only the test of a new schedule runs',
    0,
    () => {
      orders.store.startRotation('test-of-schedule');
      fixture.clock.after(2000, () => orders.store.removePendingByHand());
    },
    ROTATED,
  ],
  [
    'an earlier rotation failed, and its retry starts',
    0,
    async () => {
      retryAfter(183_000);
      fixture.aws.startBySchedule('orders', 'earlier');
      await fixture.clock.sleep(180_000, fixture.interruption.signal);
    },
    { ...ROTATED, versionId: 'earlier' },
  ],
  ['a throttled RotateSecret started the rotation', 0, () => startSilently('throttled'), ROTATED],
  ['a RotateSecret without an answer started the rotation', 0, () => startSilently('unreachable'), ROTATED],
  ['AWS refuses the repetition of RotateSecret by the SDK', 0, () => startSilently(INCOMPLETE), ROTATED],
];

/** Additions to a secret whose first and only value the cluster rejects before the rotation. */
const FIRST_VALUES: readonly Case[] = [
  ['nothing is added', 5, () => undefined, error('none-in-force')],
  [
    'the function may ask an admin',
    0,
    () => Object.assign(fixture.aws.environment, { ADMIN_SECRET_ARN: ADMIN_ARN }),
    ROTATED,
  ],
  ['the configuration is not known', 0, failAws('GetFunctionConfiguration', 'access-denied'), ROTATED],
  [
    'the command cannot log in',
    7,
    () => Object.assign(fixture.cluster, { authenticates: async () => FORBIDS }),
    error('login-forbidden'),
  ],
  ['the secret was rotated before', 0, () => Object.assign(orders.store, { lastRotatedAt: 1 }), ROTATED],
  [
    'a version without a label may be accepted',
    0,
    async () => await orders.store.put({ versionId: 'stranded', value: documentOf(NEW_PASSWORD), labels: [] }),
    ROTATED,
  ],
  ['one proxy accepts it late', 0, () => beforeLogin(fixture, 2, setPassword(OLD_PASSWORD), 'app'), ROTATED],
  // The second login then has no pause.
  ['Ctrl-C comes', 130, () => beforeLogin(fixture, 1, pressCtrlC, 'app'), error('interrupted')],
];

const ADMIN_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:zilliz-admin-AbCdEf';

const FORBIDS = { kind: 'forbidden' };

const rejected = FIRST_VALUES.map(([state, code, happen, report]): Case => {
  const reject = async (): Promise<void> => {
    setPassword(NEW_PASSWORD)();
    await happen();
  };
  return [`the first value is rejected, and ${state}`, code, reject, report];
});

testCases([...CASES, ...rejected], (line) => {
  it('repeats a RotateSecret that AWS throttles, with the same token, after a pause each time', async () => {
    const sent: { at: number; token: string }[] = [];
    answerRotateSecret(async (start, secretId, token) => {
      if (sent.push({ at: fixture.clock.now(), token }) < 7) {
        throw awsErrorOf('throttled', 'RotateSecret');
      }
      return await start(secretId, token);
    });

    expect((await fixture.run(line)).code).toBe(0);

    expect(sent).toHaveLength(7);
    expect(new Set(sent.map(({ token }) => token)).size).toBe(1);
    const pauses = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
  });
});
