import { beforeAll, describe, expect, it } from 'vitest';
import { createBench } from '../../bench/performance/measurement.ts';
import type { Rotation } from '../../bench/performance/results.ts';
import { SUBJECTS } from '../../bench/performance/subjects.ts';
import { servers } from '../support/servers.ts';

/** What a rotation of the deployed bundle costs, without the times, which vary. */
describe('the deployed bundle', () => {
  let rotations: Readonly<Record<'cold' | 'warm', Rotation | undefined>>;

  beforeAll(async () => {
    const bench = await createBench(servers(), SUBJECTS.grpc);
    // After this sample, the secret has a previous version, as in production.
    await bench.sample(0);
    const { cold, warm } = await bench.sample(1);
    rotations = { cold, warm: warm[0] };
    bench.close();
  });

  it.each(['cold', 'warm'] as const)('makes 7 calls to AWS in a %s rotation with pins', (kind) => {
    expect(rotations[kind]?.awsCalls).toEqual([
      ...['DescribeSecret', 'GetSecretValue', 'GetSecretValue', 'PutSecretValue'],
      'DescribeSecret',
      ...['UpdateSecretVersionStage', 'UpdateSecretVersionStage'],
    ]);
  });

  it.each(['cold', 'warm'] as const)('sends 11 requests to the cluster in a %s rotation', (kind) => {
    const login = 'SelectUser';
    expect(rotations[kind]?.clusterRequests).toEqual([
      ...[login, login, 'UpdateCredential', login],
      ...Array<string>(4).fill(login),
      ...Array<string>(3).fill(login),
    ]);
  });

  it.each(['cold', 'warm'] as const)('opens a connection for each request in a %s rotation', (kind) => {
    expect(rotations[kind]?.connections).toBe(11);
  });
});
