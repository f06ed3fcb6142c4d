import { describe, expect, test } from 'vitest';
import { createOverdueCheck } from '../../../lambda/overdue/check.ts';
import { type Overdue, overdueAmong } from '../../../lambda/overdue/overdue.ts';
import { asRotated, type RotatedSecret } from '../../../lambda/overdue/rotated-secret.ts';

const now = new Date('2026-03-10T12:00:00Z');
const rules = { now, graceHours: 2, maxAgeDays: undefined };
const healthy: RotatedSecret = {
  name: 'milvus/orders',
  rotationEnabled: true,
  nextRotation: new Date('2026-03-31T23:59:59Z'),
  lastRotated: new Date('2026-03-01T00:00:00Z'),
  created: new Date('2025-01-01T00:00:00Z'),
  tags: {},
};
const verdictOn = (secret: Partial<RotatedSecret>, maxAgeDays?: number): Overdue['why'] | undefined =>
  overdueAmong([{ ...healthy, ...secret }], { ...rules, maxAgeDays })[0]?.why;

describe('a secret is overdue', () => {
  test.each([
    [
      'when its next rotation date has passed',
      { nextRotation: new Date('2026-03-10T09:59:59Z') },
      undefined,
      'date-passed',
    ],
    ['when its rotation was turned off', { rotationEnabled: false }, undefined, 'rotation-off'],
    ['when its last rotation is longer ago than the policy allows', {}, 9, 'too-old'],
    [
      'when it was never rotated and was made longer ago than the policy allows',
      { lastRotated: undefined, created: new Date('2026-03-01T00:00:00Z') },
      9,
      'too-old',
    ],
  ])('%s', (_, secret, maxAgeDays, why) => {
    expect(verdictOn(secret, maxAgeDays)).toBe(why);
  });
});

describe('a secret is not overdue', () => {
  test.each([
    ['while its date lies ahead', {}, undefined],
    ['while a failed rotation may still be tried again', { nextRotation: new Date('2026-03-10T10:00:00Z') }, undefined],
    ['while its password is as old as the policy allows', {}, 10],
    ['when it has no date yet, as before its first rotation', { nextRotation: undefined }, undefined],
    [
      'when it was taken out of rotation on purpose',
      { rotationEnabled: false, tags: { 'zilliz:rotation': 'off' } },
      undefined,
    ],
  ])('%s', (_, secret, maxAgeDays) => {
    expect(verdictOn(secret, maxAgeDays)).toBeUndefined();
  });
});

test.each([
  ['', 'milvus/orders was never rotated, and was created 435 days ago,'],
  ['2026-03-01T00:00:00Z', 'milvus/orders was last rotated 11 days ago,'],
])('a changed tag or value makes no password younger: rotated "%s"', (rotated, sentence) => {
  const secret = asRotated({
    Name: 'milvus/orders',
    RotationEnabled: true,
    CreatedDate: new Date('2025-01-01T00:00:00Z'),
    LastChangedDate: new Date('2026-03-12T00:00:00Z'),
    ...(rotated !== '' && { LastRotatedDate: new Date(rotated) }),
    Tags: [{ Key: 'team', Value: 'search' }],
  });
  const verdicts = overdueAmong([secret], { ...rules, now: new Date('2026-03-12T00:00:00Z'), maxAgeDays: 10 });
  expect(verdicts.map((verdict) => verdict.sentence)).toEqual([expect.stringContaining(sentence)]);
});

async function check(secrets: readonly RotatedSecret[]): Promise<{ reported: number; checked: number }> {
  const result = { reported: 0, checked: 0 };
  await createOverdueCheck({
    secrets: async function* () {
      yield* secrets;
    },
    rules: () => rules,
    report: (overdue, checked) => {
      result.reported = overdue.length;
      result.checked = checked;
    },
  })();
  return result;
}

test('a check that finds nothing succeeds, and says how many it checked', async () => {
  expect(await check([healthy, healthy])).toEqual({ reported: 0, checked: 2 });
});

test('a check that finds something fails, naming the first ten', async () => {
  const off = Array.from({ length: 12 }, (_, index) => ({
    ...healthy,
    name: `milvus/${index}`,
    rotationEnabled: false,
  }));
  await expect(check(off)).rejects.toThrow(
    'OVERDUE: 12 of the rotations did not happen: milvus/0, milvus/1, milvus/2, milvus/3, milvus/4, milvus/5, milvus/6, milvus/7, milvus/8, milvus/9 and 2 more.',
  );
});
