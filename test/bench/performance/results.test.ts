import { describe, expect, it } from 'vitest';
import { figuresOf, median, spreadOf } from '../../../bench/performance/results.ts';
import type { Rotation } from '../../../bench/performance/sample.ts';

describe('median', () => {
  it('is the value in the middle, whatever the order', () => {
    expect(median([30, 1, 2])).toBe(2);
  });

  it('is the mean of both values in the middle', () => {
    expect(median([4, 1, 100, 2])).toBe(3);
  });

  it('does not exist without a value', () => {
    expect(() => median([])).toThrow('no median');
  });
});

it('a spread has the median, the least and the most, in tenths', () => {
  expect(spreadOf([3.14, 1.04, 2.26])).toEqual({ median: 2.3, least: 1, most: 3.1 });
});

describe('the figures of a function', () => {
  const rotation = (factor: number): Rotation => ({
    stepMs: [1, 2, 3, 4].map((ms) => ms * factor),
    cpuMs: 20 * factor,
    peakBytes: 1000 * factor,
    changeToCurrentMs: 5 * factor,
    awsCalls: Array<string>(factor).fill('GetSecretValue'),
    clusterRequests: ['SelectUser', 'UpdateCredential'],
    connections: 1,
  });
  const samples = [
    { loadMs: 10, cold: rotation(3), warm: [rotation(1), rotation(1)] },
    { loadMs: 30, cold: rotation(5), warm: [rotation(2), rotation(1)] },
  ];
  const figures = figuresOf({ id: 'grpc', title: 'this function', bytes: 7 }, samples);

  it('keep cold and warm rotations apart', () => {
    expect(figures.cold.cpuMs).toEqual({ median: 80, least: 60, most: 100 });
    expect(figures.warm.cpuMs).toEqual({ median: 20, least: 20, most: 40 });
  });

  it('contain each step and the sum of the steps', () => {
    expect(figures.cold.steps.createSecret).toEqual({ median: 4, least: 3, most: 5 });
    expect(figures.cold.steps.finishSecret).toEqual({ median: 16, least: 12, most: 20 });
    expect(figures.cold.rotationMs).toEqual({ median: 40, least: 30, most: 50 });
  });

  it('count calls, requests and connections', () => {
    expect(figures.warm.awsCalls).toEqual({ median: 1, least: 1, most: 2 });
    expect(figures.warm.clusterRequests.median).toBe(2);
    expect(figures.warm.connections.median).toBe(1);
  });

  it('contain the load time of every sample', () => {
    expect(figures.loadMs).toEqual({ median: 20, least: 10, most: 30 });
  });
});
