import { describe, expect, it } from 'vitest';
import { readResults } from '../../bench/documents.ts';
import { barChart } from '../../bench/pages/bar-chart.ts';
import type { Results, SubjectFigures } from '../../bench/performance/results.ts';
import { judge } from '../../bench/performance/targets.ts';

const results = readResults('performance');

describe('a target', () => {
  const subject = (id: string): SubjectFigures => {
    const found = results.subjects.find((figures) => figures.id === id);
    if (found === undefined) {
      throw new Error(`No ${id}`);
    }
    return found;
  };
  const withBytes = (bytes: number): Results => ({
    ...results,
    subjects: [{ ...subject('grpc'), bytes }, { ...subject('baseline'), bytes: 1000 }, subject('one-sdk-client')],
  });

  it('is met at its limit and missed above', () => {
    expect(judge(withBytes(450))[0]).toMatchObject({ atMost: 0.45, measured: 0.45, isMet: true });
    expect(judge(withBytes(451))[0]).toMatchObject({ measured: 0.451, isMet: false });
  });

  it('cannot be judged if the results lack the other function', () => {
    expect(() => judge({ ...results, subjects: [subject('grpc')] })).toThrow('do not contain baseline');
  });
});

it('a picture escapes its texts', () => {
  const chart = barChart({
    title: 'Time & cost',
    parts: ['load'],
    bars: [{ label: 'a < b', values: [10] }],
    format: String,
  });
  expect(chart).toContain('<title>Time &amp; cost</title>');
  expect(chart).toContain('>a &lt; b</text>');
});
