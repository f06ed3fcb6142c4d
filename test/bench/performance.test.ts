import { expect, it } from 'vitest';
import { judge } from '../../bench/performance/page.ts';
import type { SubjectFigures } from '../../bench/performance/results.ts';

const ROTATION = { milliseconds: 1, cpuMs: 1, peakBytes: 1, changeToCurrentMs: 1, awsCalls: 1, clusterRequests: 1 };

const figures = (bytes = 1000): SubjectFigures => {
  const rotation = { ...ROTATION, connections: 1 };
  return { title: 'a function', bytes, loadMs: 1, cold: rotation, warm: rotation };
};

it('a target is met at its limit and missed above', () => {
  const others = { rest: figures(), 'one-sdk-client': figures(), http2: figures() };
  const judged = (bytes: number) => judge({ grpc: figures(bytes), ...others })[0];
  expect(judged(300)).toMatchObject({ atMost: 0.3, measured: 0.3, isMet: true });
  expect(judged(301)).toMatchObject({ measured: 0.301, isMet: false });
});
