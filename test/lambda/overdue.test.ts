import { describe, expect, test } from 'vitest';
import { createOverdueCheck, type OverdueCheckParts } from '../../lambda/overdue/check.ts';
import { asListed, type ListedSecret } from '../../lambda/overdue/listed-secret.ts';
import { type Overdue, type OverdueRules, overdueAmong, readMaxAgeDays } from '../../lambda/overdue/overdue.ts';
import { parseRotatedSecrets } from '../../protocol/secret/rotated-secrets.ts';

const now = new Date('2026-03-10T12:00:00Z');
const rules: OverdueRules = { now, maxAgeDays: undefined };
const healthy: ListedSecret = {
  name: 'milvus/orders',
  arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd',
  rotationFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:rotation',
  rotationEnabled: true,
  schedule: 'rate(30 days)',
  nextRotation: new Date('2026-03-31T23:59:59Z'),
  lastRotated: new Date('2026-02-28T12:00:00Z'),
  created: new Date('2025-01-01T00:00:00Z'),
  acceptedPrevious: undefined,
  isReplica: false,
  tags: {},
};
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const OFF = { 'zilliz:rotation': 'off' };

test.each<[string, Overdue['why'] | undefined, Partial<ListedSecret>, number?]>([
  ['if its next rotation is 2 h and 1 s late', 'date-passed', { nextRotation: hoursAgo(2 + 1 / 3600) }],
  ['within the 2 h in which Secrets Manager may repeat a rotation', undefined, { nextRotation: hoursAgo(2) }],
  ['if the date of its next rotation is in the future', undefined, {}],
  ['if it has no such date, as before its first rotation', undefined, { nextRotation: undefined }],
  ['if it has no schedule, so that no rotation ever starts', 'no-schedule', { schedule: undefined }],
  ['if its rotation is off', 'rotation-off', { rotationEnabled: false }],
  ['if its rotation is off on purpose', undefined, { rotationEnabled: false, tags: OFF }],
  ['if its rotation is on, although a tag says off', 'date-passed', { nextRotation: new Date(0), tags: OFF }],
  ['if its last rotation is longer ago than maxAgeDays', 'too-old', {}, 9],
  ['if its password is exactly as old as maxAgeDays allows', undefined, {}, 10],
  ['if it was never rotated and is older', 'too-old', { lastRotated: undefined, created: hoursAgo(217) }, 9],
])('a secret is overdue %s: %s', (_, why, secret, maxAgeDays) => {
  expect(overdueAmong([{ ...healthy, ...secret }], { ...rules, maxAgeDays })[0]?.why).toBe(why);
});

test.each([
  ['', 'milvus/orders was never rotated, and was created 435 days ago,'],
  ['2026-03-01T00:00:00Z', 'milvus/orders was last rotated 11 days ago,'],
])('a changed tag or value does not reduce the age of a password: last rotated "%s"', (rotated, sentence) => {
  const secret = asListed({
    Name: 'milvus/orders',
    RotationEnabled: true,
    RotationRules: { AutomaticallyAfterDays: 30 },
    CreatedDate: new Date('2025-01-01T00:00:00Z'),
    LastChangedDate: new Date('2026-03-12T00:00:00Z'),
    ...(rotated !== '' && { LastRotatedDate: new Date(rotated) }),
    Tags: [{ Key: 'team', Value: 'search' }],
  });
  const verdicts = overdueAmong([secret], { ...rules, now: new Date('2026-03-12T00:00:00Z'), maxAgeDays: 10 });
  expect(verdicts.map((verdict) => verdict.sentence)).toEqual([expect.stringContaining(sentence)]);
});

test('two users: the older of the two credentials counts, which the cluster accepts for two intervals', async () => {
  const secret = asListed({
    Name: 'milvus/orders',
    ARN: healthy.arn,
    RotationLambdaARN: healthy.rotationFunctionArn,
    RotationEnabled: true,
    RotationRules: { AutomaticallyAfterDays: 30 },
    CreatedDate: new Date('2025-01-01T00:00:00Z'),
    LastRotatedDate: hoursAgo(59 * 24),
    SecretVersionsToStages: { v2: ['AWSCURRENT', 'zilliz-sent:v2'], v1: ['AWSPREVIOUS', 'zilliz-sent:v1'] },
  });
  const ages = async (previousDays: number, listed = secret): Promise<readonly Overdue[]> =>
    (await check([listed], '', { ...rules, maxAgeDays: 90 }, hoursAgo(previousDays * 24))).reported;
  expect(await ages(119)).toEqual([
    expect.objectContaining({
      why: 'too-old',
      sentence: expect.stringContaining('119 days'),
    }),
  ]);
  expect(await ages(90)).toEqual([]);
  // A single user: the password in AWSPREVIOUS has ended, and finishSecret removed its sent label.
  expect(
    await ages(
      119,
      asListed({
        Name: 'x',
        RotationLambdaARN: healthy.rotationFunctionArn,
        RotationEnabled: true,
        RotationRules: { ScheduleExpression: 'rate(30 days)' },
        LastRotatedDate: hoursAgo(1),
        SecretVersionsToStages: { v1: ['AWSPREVIOUS'] },
      }),
    ),
  ).toEqual([]);
});

test('a secret whose versions cannot be listed is reported, and hides no overdue one', async () => {
  const unlisted = { ...healthy, name: 'milvus/unlisted', acceptedPrevious: 'v1' };
  const results: Overdue[] = [];
  const checking = createOverdueCheck({
    ...partsOf([unlisted, { ...healthy, rotationEnabled: false }], '', { ...rules, maxAgeDays: 90 }),
    readVersionDate: async () => {
      throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    },
    report: ({ reported }) => results.push(...reported),
  })();
  await expect(checking).rejects.toThrow('milvus/unlisted, milvus/orders');
  expect(results.map(({ why }) => why)).toEqual(['age-unknown', 'rotation-off']);
  expect(results[0]?.sentence).toContain('ListSecretVersionIds). AccessDeniedException: not authorized');
});

test('the dates of versions are read below the 50 requests a second that Secrets Manager allows', async () => {
  let now = 0;
  const asked: number[] = [];
  const twoUsers = { ...healthy, acceptedPrevious: 'v1' };
  await createOverdueCheck({
    ...partsOf(Array<ListedSecret>(200).fill(twoUsers), '', { ...rules, maxAgeDays: 90 }),
    readVersionDate: async () => {
      asked.push(now);
      return undefined;
    },
    wait: async (milliseconds) => {
      now += milliseconds;
    },
  })();
  expect(asked).toHaveLength(200);
  const fastest = Math.min(...asked.slice(50).map((time, index) => time - (asked[index] ?? 0)));
  expect(fastest).toBeGreaterThanOrEqual(1000);
});

test.each(['ninety', '0', '90.5', '1001'])(
  'MAX_AGE_DAYS %s is refused, because the check would compare no age',
  (text) => {
    expect(() => readMaxAgeDays(text)).toThrow(`MAX_AGE_DAYS is "${text}"`);
  },
);

interface Result {
  readonly reported: readonly Overdue[];
  readonly checked: number;
  readonly unchecked: readonly string[];
  readonly error: unknown;
}

/** @param rotatedSecrets The variable ROTATED_SECRETS. */
function partsOf(
  secrets: readonly ListedSecret[],
  rotatedSecrets: string,
  checkedRules: OverdueRules,
  previousStored?: Date,
): OverdueCheckParts {
  return {
    secrets: async function* () {
      yield* secrets;
    },
    functionArn: healthy.rotationFunctionArn ?? '',
    patterns: parseRotatedSecrets(rotatedSecrets),
    rules: () => checkedRules,
    readVersionDate: async () => previousStored,
    wait: async () => undefined,
    report: () => undefined,
  };
}

/** @param rotatedSecrets The variable ROTATED_SECRETS. */
async function check(
  secrets: readonly ListedSecret[],
  rotatedSecrets = '',
  checkedRules: OverdueRules = rules,
  previousStored?: Date,
): Promise<Result> {
  const results: Result[] = [];
  let error: unknown;
  await createOverdueCheck({
    ...partsOf(secrets, rotatedSecrets, checkedRules, previousStored),
    report: (result) => results.push({ ...result, error: undefined }),
  })().catch((thrown: unknown) => {
    error = thrown;
  });
  const [result, ...others] = results;
  expect(others).toEqual([]);
  return { reported: [], checked: 0, unchecked: [], ...result, error };
}

test('a check without overdue secrets succeeds, and reports how many secrets it checked', async () => {
  expect(await check([healthy, healthy])).toEqual({ reported: [], checked: 2, unchecked: [], error: undefined });
});

test('a secret of another function is not checked', async () => {
  const other = { ...healthy, rotationFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:other' };
  expect(await check([{ ...other, rotationEnabled: false }])).toMatchObject({ reported: [], checked: 0 });
});

describe('the check of the configured secrets', () => {
  const elsewhere = { ...healthy, rotationFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:other' };
  const inOtherRegion = { ...healthy, arn: healthy.arn.replace('us-east-1', 'eu-west-1') };

  test.each([
    ['that another function rotates', [elsewhere], 'milvus/orders-??????'],
    ['that has no rotation', [{ ...healthy, rotationFunctionArn: undefined }], 'milvus/orders-??????'],
    ['that does not exist', [], 'milvus/orders-??????'],
    ['that was deleted and created again', [healthy], 'milvus/orders-Zz99Zz'],
    ['of another region', [inOtherRegion], 'milvus/orders-??????'],
    ['that is configured with the account of the function', [], '123456789012:milvus/orders-??????'],
  ])('reports a configured secret %s', async (_, secrets, rotatedSecrets) => {
    const { reported, error } = await check(secrets, `${rotatedSecrets},milvus/search-??????`);
    expect(reported.map(({ name, why }) => [name, why])).toEqual([
      ['milvus/orders', 'not-rotated-by-function'],
      ['milvus/search', 'not-rotated-by-function'],
    ]);
    expect(String(error)).toContain('milvus/orders, milvus/search');
  });

  test.each(['milvus/orders-??????', 'milvus/*'])(
    'does not report a secret that is as configured: %s',
    async (entry) => {
      expect(await check([healthy], entry)).toMatchObject({ reported: [], checked: 1 });
      const off = { ...healthy, rotationFunctionArn: undefined, tags: OFF };
      expect(await check([off], entry)).toMatchObject({ reported: [], error: undefined });
    },
  );
});

describe('the check of a configured folder', () => {
  const search: ListedSecret = {
    ...healthy,
    name: 'milvus/search',
    arn: healthy.arn.replace('orders', 'search'),
    rotationFunctionArn: undefined,
  };

  test.each([undefined, 'arn:aws:lambda:us-east-1:123456789012:function:other'])(
    'reports a secret below the folder that the function does not rotate, beside one that it rotates: %s',
    async (rotationFunctionArn) => {
      const created = hoursAgo(2 + 1 / 3600);
      const { reported, error } = await check([healthy, { ...search, created, rotationFunctionArn }], 'milvus/*');
      expect(reported).toMatchObject([{ name: 'milvus/search', why: 'not-rotated-by-function' }]);
      expect(String(error)).toMatch(/OVERDUE: 1 .*: milvus\/search\.$/);
    },
  );

  test.each([
    ['outside of the folder', { arn: healthy.arn.replace('milvus/', 'other/') }],
    ['with the tag zilliz:rotation=off', { tags: OFF }],
    ['that is a replica, because Secrets Manager rotates only the primary secret', { isReplica: true }],
    ['of the last two hours, whose deployment may not have created the schedule yet', { created: hoursAgo(2) }],
  ])('does not report a secret %s', async (_, secret) => {
    expect(await check([healthy, { ...search, ...secret }], 'milvus/*')).toMatchObject({ reported: [], checked: 1 });
  });

  test.each([
    ['has no secret', []],
    ['has only a replica', [{ ...search, isReplica: true }]],
  ])('does not report a folder that %s', async (_, secrets) => {
    expect(await check(secrets, 'milvus/*')).toMatchObject({ reported: [], error: undefined });
  });
});

test.each([
  [undefined, false],
  ['us-east-1', false],
  ['eu-west-1', true],
])('a secret is a replica if its primary region is another one: %s', (PrimaryRegion, isReplica) => {
  expect(asListed({ Name: 'milvus/orders', ARN: healthy.arn, ...(PrimaryRegion && { PrimaryRegion }) })).toMatchObject({
    isReplica,
  });
});

test('secrets of other accounts are not checked, because ListSecrets lists one account only', async () => {
  expect(await check([healthy], 'milvus/orders-??????,444455556666:milvus/orders-??????')).toEqual({
    reported: [],
    checked: 1,
    unchecked: ['444455556666:milvus/orders-??????'],
    error: undefined,
  });
});
