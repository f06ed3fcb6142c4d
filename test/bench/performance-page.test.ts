import { describe, expect, it } from 'vitest';
import { readResults } from '../../bench/documents.ts';
import { barChart } from '../../bench/pages/bar-chart.ts';
import { count, megabytes, milliseconds, spread } from '../../bench/pages/format.ts';
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

describe('a bar chart', () => {
  const chart = barChart({
    title: 'Time & cost',
    parts: ['load', 'step'],
    bars: [
      { label: 'a < b', values: [10, 30] },
      { label: 'c', values: [0, 20] },
    ],
    format: milliseconds,
  });

  it('draws each part next to the part before, on one scale for all bars', () => {
    expect(chart).toContain('<rect x="290" y="68" width="97.5" height="18" fill="#4c78a8"/>');
    expect(chart).toContain('<rect x="387.5" y="68" width="292.5" height="18" fill="#f58518"/>');
    expect(chart).toContain('<rect x="290" y="96" width="195" height="18" fill="#f58518"/>');
  });

  it('shows the total of each bar and a legend of the parts', () => {
    expect(chart).toContain('>40 ms</text>');
    expect(chart).toContain('>load</text>');
  });

  it('escapes its texts', () => {
    expect(chart).toContain('<title>Time &amp; cost</title>');
    expect(chart).toContain('>a &lt; b</text>');
  });
});

it('figures have a unit and few digits', () => {
  expect(milliseconds(1234.5)).toBe('1,235 ms');
  expect(milliseconds(2.345)).toBe('2.3 ms');
  expect(megabytes(2_230_466)).toBe('2.23 MB');
  expect(megabytes(126_170_931)).toBe('126 MB');
  expect(spread({ median: 812, least: 790, most: 901 }, milliseconds)).toBe('812 ms (790–901)');
  expect(count({ median: 7, least: 7, most: 7 })).toBe('7');
  expect(count({ median: 7, least: 7, most: 8 })).toBe('7–8');
});
