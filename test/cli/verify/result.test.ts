import { describe, expect, it } from 'vitest';
import { judgeAnswers } from '../../../cli/verify/answers.ts';
import type { Row } from '../../../cli/verify/json-schema.ts';
import { holdsIf, type Observation, UndecidedError } from '../../../cli/verify/observation.ts';
import { histogram } from '../../../cli/verify/propagation.ts';
import { exitCodeOf, registerRow, tableOf } from '../../../cli/verify/result.ts';

const HELD = holdsIf(true, 'a');
const DIFFERENT = holdsIf(false, 'gRPC: not-ready (gRPC 13)');
const PREVENTED: Observation = { verdict: 'undecided', seen: 'DescribeSecret: throttled.' };
const NOT_ASKED_FOR: Observation = { verdict: 'not checked', seen: 'Needs --slow.' };

function rowsWith(first: Observation, second: Observation): readonly Row[] {
  const about = { behaviour: 'a', evidence: '', ifFalse: '', unchecked: '' };
  return [registerRow('milvus-refusal', about, first), registerRow('sm-steps', about, second)];
}

describe('the result of verify', () => {
  it.each([
    ['every check that was asked for holds', HELD, NOT_ASKED_FOR, true, 0],
    ['a check differs', HELD, DIFFERENT, true, 3],
    ['something prevented a check that was asked for', HELD, PREVENTED, true, 7],
    ['a check differs, and something prevented another', DIFFERENT, PREVENTED, true, 3],
    ['something temporary is left', HELD, HELD, false, 3],
  ])('has the exit code of its rows: %s', (_, first, second, isRemoved, code) => {
    expect(exitCodeOf(rowsWith(first, second), isRemoved)).toBe(code);
  });

  it('names the code that relies on an assumption that differs', () => {
    const table = tableOf(rowsWith(holdsIf(true, 'four | steps'), DIFFERENT));
    const [head, , , , first = '', second = ''] = table.split('\n');
    expect(head).toBe('verify: differs: 1, undecided: 0, holds: 1, not checked: 0');
    expect(first).toMatch(/protocol\/rotation\/preflight\.ts.*docs\/assumptions\.md#secrets-/);
    expect(first).toMatch(/ \| differs \|$/);
    expect(second).toContain(' | four \\| steps | holds |');
  });
});

it('decides nothing if no transport is left to ask over', () => {
  expect(() => judgeAnswers([], () => true)).toThrow(UndecidedError);
});

describe('the histogram of a change', () => {
  it('counts the connections by the time after which they know it', () => {
    expect(histogram([20, 100, 101, 900], 10_000)).toEqual(
      holdsIf(true, 'of 4 connections: 2 within 100 ms, 1 within 250 ms, 1 within 1 s'),
    );
  });

  it.each([
    ['a connection is later than the function waits', [20, 2600], 2500],
    ['a connection never knows it', [20, Infinity], 10_000],
  ])('differs if %s', (_, times, limit) => {
    expect(histogram(times, limit).verdict).toBe('differs');
  });
});
