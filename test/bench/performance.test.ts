import { describe, expect, it } from 'vitest';
import { judge } from '../../bench/performance/page.ts';
import type { SubjectFigures } from '../../bench/performance/results.ts';

const ROTATION = { milliseconds: 1, cpuMs: 1, peakBytes: 1, changeToCurrentMs: 1, awsCalls: 1, clusterRequests: 1 };

const figures = (id: string, bytes = 1000): SubjectFigures => {
  const rotation = { ...ROTATION, connections: 1 };
  return { id, title: id, bytes, loadMs: 1, cold: rotation, warm: rotation };
};

describe('a target', () => {
  const judged = (bytes: number) => judge([figures('grpc', bytes), figures('one-sdk-client'), figures('http2')])[0];

  it('is met at its limit and missed above', () => {
    expect(judged(300)).toMatchObject({ atMost: 0.3, measured: 0.3, isMet: true });
    expect(judged(301)).toMatchObject({ measured: 0.301, isMet: false });
  });

  it('cannot be judged without the other function', () => {
    expect(() => judge([figures('grpc')])).toThrow('one-sdk-client');
  });
});
