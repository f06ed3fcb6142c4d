import { describe, expect, it } from 'vitest';
import { blocked, differs, holdsIf, notChecked, type Observation } from '../../../cli/verify/check.ts';
import { histogram } from '../../../cli/verify/propagation.ts';
import { countsOf, exitCodeOf, rowsOf, tableOf } from '../../../cli/verify/result.ts';

describe('the result of verify', () => {
  it.each([
    ['every check that ran holds', [holdsIf(true, 'a'), notChecked('Needs --slow.')], true, 0],
    ['a check differs', [holdsIf(true, 'a'), differs('b')], true, 3],
    ['a failure prevented a check', [holdsIf(true, 'a'), blocked('DescribeSecret: throttled.')], true, 7],
    ['a check differs, and a failure prevented another', [differs('b'), blocked('c')], true, 3],
    ['something temporary is left', [holdsIf(true, 'a')], false, 3],
  ] as const)('if %s', (_, [first, second = holdsIf(true, 'x')], isRemoved, code) => {
    const observations = new Map<string, Observation>(Object.entries({ 'sm-steps': first, 'milvus-self': second }));
    expect(exitCodeOf(observations, isRemoved)).toBe(code);
  });

  it('has a row for each assumption, and names the code that relies on one that differs', () => {
    const observations = new Map([
      ['milvus-refusal', differs('gRPC: not-ready (gRPC 13)')],
      ['sm-steps', holdsIf(true, 'four | steps')],
    ]);
    const rows = rowsOf(observations);
    const { holds: held, differs: differing, notChecked: others } = countsOf(rows);
    expect([held, differing]).toEqual([1, 1]);
    expect(others).toBe(rows.length - 2);
    expect(rows.find(({ id }) => id === 'sm-rotation-token')?.seen).toContain('another account');
    const [first = '', second = ''] = tableOf(rows, observations)
      .split('\n')
      .filter((line) => /^\| [a-z]+-/.test(line));
    expect(first).toContain('(gRPC 13). Relied on by adapters/grpc/milvus-call.ts');
    expect(first).toMatch(/docs\/assumptions\.md#milvus\. \| differs \|$/);
    expect(second).toContain(' | four \\| steps | holds |');
    expect(rows.find(({ id }) => id === 'sm-steps')?.code).toEqual([]);
  });
});

describe('the histogram of a change', () => {
  it('counts the connections by the time after which they know it', () => {
    expect(histogram([20, 100, 101, 900], 10_000)).toEqual(
      holdsIf(true, 'of 4 connections: 2 within 100 ms, 1 within 250 ms, 1 within 1 s'),
    );
  });

  it.each([
    ['a connection is later than the function waits', [20, 2600], 2500],
    ['a connection never knows it', [20, undefined], 10_000],
  ])('differs if %s', (_, times, limit) => {
    expect(histogram(times, limit).verdict).toBe('differs');
  });
});
