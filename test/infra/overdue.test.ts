import { describe, expect, test } from 'vitest';
import { createOverdueCheck } from '../../lambda/overdue/check.ts';
import { type Overdue, overdueAmong, type RotatedSecret } from '../../lambda/overdue/overdue.ts';

const now = new Date('2026-03-10T12:00:00Z');
const rules = { now, graceHours: 2, maxAgeDays: undefined };
const healthy: RotatedSecret = {
  name: 'milvus/orders',
  rotationEnabled: true,
  nextRotation: new Date('2026-03-31T23:59:59Z'),
  lastChange: new Date('2026-03-01T00:00:00Z'),
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
    ['when its password is older than the policy allows', {}, 9, 'too-old'],
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
