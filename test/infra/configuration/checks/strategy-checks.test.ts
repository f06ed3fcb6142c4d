import { describe, expect, test } from 'vitest';
import { mistakesIn } from '../../support/mistakes.ts';
import { ENDPOINT } from '../../support/templates.ts';

const KINDS = ['create', 'name'];

/** A configuration file with one secret. The secret starts in line 3. */
function fileWith(kind: string, lines: readonly string[], others: readonly string[] = ['{}']): string {
  return [`function: ${others[0]}`, 'secrets:', `  - ${kind}: milvus/orders`, ...lines.map((line) => `    ${line}`)]
    .concat(others.slice(1))
    .join('\n');
}

const PINNED = ['strategy: alternating-users', `endpoint: ${ENDPOINT}`];
const USERNAMES = 'usernames: [orders_a, orders_b]';

describe.each(KINDS)('alternating users of a secret with %s', (kind) => {
  test('need usernames, strategy and endpoint', () => {
    expect(mistakesIn(fileWith(kind, [...PINNED, USERNAMES]))).toEqual([]);
  });

  test('get the strategy from the function', () => {
    const inherited = ['{strategy: alternating-users}'];
    expect(mistakesIn(fileWith(kind, [`endpoint: ${ENDPOINT}`, USERNAMES], inherited))).toEqual([]);
    expect(
      mistakesIn(fileWith(kind, [`endpoint: ${ENDPOINT}`, 'strategy: single-user', 'username: a'], inherited)),
    ).toEqual([]);
    expect(mistakesIn(fileWith(kind, [`endpoint: ${ENDPOINT}`], inherited))).toEqual([
      '  rotation.yaml:3:5  secrets[0].usernames: Missing. With alternating-users, write the two users that take turns: [orders_a, orders_b].',
    ]);
  });

  test.each([
    [
      ['schedule: rate(4 hours)', 'duration: 3h'],
      {},
      '"rate(4 hours)" With this schedule, two rotations can be only 60 minutes apart: one at the end of its window, and one at the start of the next window. For alternating-users, minimumGapMinutes of the function is 120.',
    ],
    [['schedule: rate(1 day)'], {}, 'two rotations can be only 0 minutes apart'],
    [['schedule: cron(0 */8 * * ? *)'], { minimumGapMinutes: 421 }, 'two rotations can be only 420 minutes apart'],
  ])('rotate no more often than the minimum gap: %s %j', (lines, settings, sentence) => {
    const file = fileWith(kind, [...PINNED, USERNAMES, ...lines], [JSON.stringify(settings)]);
    expect(mistakesIn(file)).toEqual([expect.stringContaining(`rotation.yaml:7:15  secrets[0].schedule: `)]);
    expect(mistakesIn(file)[0]).toContain(sentence);
    const single = [`endpoint: ${ENDPOINT}`, 'username: a', ...lines];
    expect(mistakesIn(fileWith(kind, single, [JSON.stringify(settings)]))).toEqual([]);
  });

  test.each([
    [['schedule: rate(4 hours)'], {}],
    [['schedule: cron(0 */8 * * ? *)'], { minimumGapMinutes: 420 }],
    [['schedule: rate(1 day)'], { minimumGapMinutes: 0 }],
  ])('may rotate as often as the minimum gap: %s %j', (lines, settings) => {
    expect(mistakesIn(fileWith(kind, [...PINNED, USERNAMES, ...lines], [JSON.stringify(settings)]))).toEqual([]);
  });

  test('are compared with the schedule of the defaults, and with the default schedule', () => {
    const others = ['{}', 'defaults: {schedule: rate(1 day)}'];
    expect(mistakesIn(fileWith(kind, [...PINNED, USERNAMES], others))).toEqual([
      expect.stringContaining('rotation.yaml:7:22  defaults.schedule: "rate(1 day)" With this schedule'),
    ]);
    expect(mistakesIn(fileWith(kind, [...PINNED, USERNAMES], ['{minimumGapMinutes: 50000}']))).toEqual([
      expect.stringContaining('rotation.yaml:3:5  secrets[0].schedule: With this schedule'),
    ]);
  });
});
