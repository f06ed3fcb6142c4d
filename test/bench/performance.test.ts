import { describe, expect, it } from 'vitest';
import { judge } from '../../bench/performance/page.ts';
import { figuresOf, type Rotation } from '../../bench/performance/results.ts';
import { median, withBlocks } from '../../bench/tables.ts';

const rotation = (factor: number): Rotation => ({
  milliseconds: 10 * factor,
  cpuMs: 20 * factor,
  peakBytes: 1000 * factor,
  changeToCurrentMs: 5 * factor,
  awsCalls: Array<string>(factor).fill('GetSecretValue'),
  clusterRequests: ['SelectUser', 'UpdateCredential'],
  connections: 1,
});

const figures = (id: string, bytes = 1000) =>
  figuresOf({ id, title: id, bytes }, [
    { loadMs: 10, cold: rotation(3), warm: [rotation(1), rotation(1)] },
    { loadMs: 30, cold: rotation(5), warm: [rotation(2), rotation(1)] },
  ]);

describe('the median', () => {
  it('is the value in the middle, or the mean of both values in the middle', () => {
    expect([median([30, 1, 2]), median([4, 1, 100, 2])]).toEqual([2, 3]);
    expect(() => median([])).toThrow('no median');
  });
});

it('the figures of a function keep load, cold and warm rotations apart', () => {
  const { loadMs, cold, warm } = figures('grpc');
  expect([loadMs, cold.cpuMs, warm.cpuMs, warm.awsCalls]).toEqual([20, 80, 20, 1]);
});

describe('a target', () => {
  const judged = (bytes: number) => judge([figures('grpc', bytes), figures('one-sdk-client'), figures('http2')])[0];

  it('is met at its limit and missed above', () => {
    expect(judged(300)).toMatchObject({ atMost: 0.3, measured: 0.3, isMet: true });
    expect(judged(301)).toMatchObject({ measured: 0.301, isMet: false });
  });

  it('cannot be judged without the other function', () => {
    expect(() => judge([figures('grpc')])).toThrow('do not contain one-sdk-client');
  });
});

describe('a page', () => {
  it('keeps everything but its named blocks, which must exist', () => {
    const page = 'before\n<!-- bench:a -->\nobsolete\n<!-- end of bench:a -->\nafter\n';
    const written = 'before\n<!-- bench:a -->\n\n| new |\n\n<!-- end of bench:a -->\nafter\n';
    expect(withBlocks(page, { a: '| new |' })).toBe(written);
    expect(() => withBlocks('', { a: '' })).toThrow('The page has no block <!-- bench:a -->');
  });
});
